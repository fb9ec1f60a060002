import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { undecided } from '@lyceum/events/personal-data';
import { newId } from '@lyceum/service';
import { askAboutPerson } from '@lyceum/testing';
import { personalTablesOfRecords } from '../src/store/personal-tables.ts';
import { runRecords, type RunningRecords } from './kit/records.ts';

let records: RunningRecords;

beforeAll(async () => {
  records = await runRecords();
}, 60_000);
afterAll(() => records.stop());

const job = () => ({
  id: newId('storejob'),
  kind: 'EXPORT' as const,
  state: 'RUNNING' as const,
  parameters: {},
});

test('every table and column is decided about', async () => {
  expect(await undecided(records.database.sql, personalTablesOfRecords)).toEqual([]);
});

test('a person is told what they asked for, and nothing of what others did', async () => {
  const organisationId = newId('org');
  const userId = newId('user');
  const [own, other] = [job(), job()];
  await records.database.storeJobs.insertOptional({ ...own, organisationId, requestedBy: userId });
  await records.database.storeJobs.insertOptional({
    ...other,
    kind: 'IMPORT',
    organisationId,
    requestedBy: newId('user'),
  });
  const { pieces, done } = await askAboutPerson(records.log, 'records.events', {
    organisationId,
    userId,
    kind: 'EXPORT',
  });
  expect(JSON.stringify(pieces)).toContain(own.id);
  expect(JSON.stringify(pieces)).not.toContain(other.id);
  expect(done.report).toEqual([{ what: 'store-jobs', action: 'EXPORTED', count: 1 }]);
});

test('a person is told how long they had learning records kept, and nobody of another organisation is', async () => {
  const userId = newId('user');
  const nextRunAt = new Date();
  const [organisationId, other] = [newId('org'), newId('org')];
  for (const [index, id] of [organisationId, other].entries())
    await records.database.storeRetentions.upsert({
      ...{ organisationId: id, rules: [{ days: 77 + index }], updatedBy: userId, nextRunAt },
    });
  const asked = { organisationId, userId, kind: 'EXPORT' } as const;
  const { pieces, done } = await askAboutPerson(records.log, 'records.events', asked);
  expect(JSON.stringify(pieces)).toContain('77');
  expect(done.report).toEqual([{ what: 'store-retention', action: 'EXPORTED', count: 1 }]);
});

test('after an erasure who asked is known by the id alone', async () => {
  const organisationId = newId('org');
  const userId = newId('user');
  await records.database.storeJobs.insertOptional({ ...job(), organisationId, requestedBy: userId });
  const { done } = await askAboutPerson(records.log, 'records.events', {
    organisationId,
    userId,
    kind: 'ERASURE',
  });
  expect(done.report).toMatchObject([{ what: 'store-jobs', action: 'KEPT', count: 1 }]);
});
