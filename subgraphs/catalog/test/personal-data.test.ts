import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEventLog, type EventLog } from '@lyceum/events';
import { undecided } from '@lyceum/events/personal-data';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { createLogger, newId } from '@lyceum/service';
import { askAboutPerson } from '@lyceum/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../src/store/generated/client.ts';
import { personalTablesOfCatalog } from '../src/store/personal-tables.ts';
import { createStore } from '../src/store/store.ts';
import { runCatalog, type RunningCatalog } from './kit/catalog.ts';

let catalog: RunningCatalog;
let log: EventLog;
let prisma: PrismaClient;

beforeAll(async () => {
  catalog = await runCatalog();
  log = await createEventLog({
    directory: join(catalog.dataDirectory, 'log'),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const connectionString = serviceDatabaseUrl(catalog.databaseUrl, 'catalog');
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
});
afterAll(async () => {
  await prisma.$disconnect();
  await log.close();
  await catalog.stop();
});

test('every table is decided about: none names anybody', async () => {
  expect(await undecided(createStore(prisma).sql, personalTablesOfCatalog)).toEqual([]);
});

test.each(['EXPORT', 'ERASURE'] as const)('an %s is answered: there is nothing', async (kind) => {
  const asked = { organisationId: newId('org'), userId: newId('user'), kind };
  const { pieces, done } = await askAboutPerson(log, 'catalog.events', asked);
  expect(pieces).toEqual([]);
  expect(done).toMatchObject({ service: 'catalog', kind, pieces: 0, report: [] });
});
