import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { graphqlClient } from '@lyceum/testing';
import { mostAttempts } from '../src/domain/import/run-import.ts';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';
import { endOfImport, sendFile } from './kit/people-file.ts';
import { sql } from './kit/sql.ts';

// An import that never gets on holds up its organisation's next: it is given up.

let identity: RunningIdentity;
let token: string;

beforeAll(async () => {
  identity = await runIdentity({ IMPORT_LEASE_SECONDS: '1' });
  token = (await logIn(graphqlClient(identity.url), 'admin@lyceum.example')).accessToken;
});
afterAll(() => identity.stop());

const file = (name: string) => `email,name\n${name}@poison.example,Somebody\n`;

async function importOf(name: string): Promise<string> {
  return ((await (await sendFile(identity.url, token, file(name))).json()) as { id: string }).id;
}

const end = (id: string) => endOfImport(graphqlClient(identity.url, token), id);

/** Whoever is taken in with this address fails the statement, as a fault of ours would. */
const poison = `
  CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.email LIKE 'bad@%' THEN RAISE 'poison'; END IF; RETURN NEW; END $$;
  CREATE TRIGGER poison BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION refuse_poison()`;

test('an import whose step always fails is given up after some attempts, and the next goes on', async () => {
  await sql(identity.databaseUrl, poison);
  const id = await importOf('bad');
  await sql(identity.databaseUrl, 'UPDATE people_import SET attempts = $1', [mostAttempts - 2]);
  expect(await end(id)).toMatchObject({ state: 'FAILED' });
  const [row] = await sql<{ failure: string }>(identity.databaseUrl, 'SELECT failure FROM people_import');
  expect(row?.failure).toMatch(/could not go on after line \d+: it was tried 10 times/);
  expect(await end(await importOf('good'))).toMatchObject({ state: 'COMPLETED', created: 1 });
});

test('one that takes its workers down with it is given up by the next worker', async () => {
  const id = await importOf('other');
  await end(id);
  await sql(
    identity.databaseUrl,
    `UPDATE people_import SET state = 'RUNNING', finished_at = NULL, attempts = $2,
       leased_until = now() - interval '1 second' WHERE id = $1`,
    [id, mostAttempts],
  );
  expect(await end(id)).toMatchObject({ state: 'FAILED' });
});
