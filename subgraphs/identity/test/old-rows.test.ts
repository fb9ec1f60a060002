import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { deleteOldRows } from '../src/domain/old-rows.ts';
import { logIn, runIdentity, withStore, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

// What has ended long ago is deleted, and nothing else.

let identity: RunningIdentity;

beforeAll(async () => {
  identity = await runIdentity();
});
afterAll(() => identity.stop());

const ask = (statement: string) => sql(identity.databaseUrl, statement);
const deleteNow = () => withStore(identity.databaseUrl, (store) => deleteOldRows(store, new Date()));

async function count(from: string): Promise<number> {
  const [row] = await sql<{ count: number }>(
    identity.databaseUrl,
    `SELECT count(*)::int AS count FROM ${from}`,
  );
  return row!.count;
}

/** As many ended sessions, with two tokens each. */
const oldSessions = (many: number, ended: string) =>
  ask(`
    WITH made AS (
      INSERT INTO session (id, user_id, organisation_id, ended_at)
      SELECT gen_random_uuid(), member.user_id, member.organisation_id, now() - interval '${ended}'
      FROM generate_series(1, ${many}), (SELECT * FROM membership LIMIT 1) member
      RETURNING id)
    INSERT INTO refresh_token (hash, session_id, expires_at)
    SELECT gen_random_uuid(), id, now() + interval '1 hour' FROM made, generate_series(1, 2)`);

describe('what nobody needs any more is deleted:', () => {
  test('sessions with their tokens 90 days after they ended, in batches, by two instances at once', async () => {
    const { accessToken } = await logIn(graphqlClient(identity.url), 'learner@lyceum.example');
    await oldSessions(2_500, '91 days');
    await oldSessions(3, '89 days');
    await Promise.all([deleteNow(), deleteNow()]);
    expect(await count("session WHERE ended_at < now() - interval '90 days'")).toBe(0);
    expect([await count('session WHERE ended_at IS NOT NULL'), await count('refresh_token')]).toEqual([3, 7]);
    const { data } = await graphqlClient(identity.url, accessToken)<object>('{ viewer { permissions } }');
    expect(data).toHaveProperty('viewer');
  });

  test('refresh tokens that expired; a session that has no other has ended by that', async () => {
    const one = await logIn(graphqlClient(identity.url), 'learner@lyceum.example');
    await ask("UPDATE refresh_token SET expires_at = now() - interval '1 minute'");
    const two = await logIn(graphqlClient(identity.url), 'author@lyceum.example');
    await deleteNow();
    const ended = (token: string) =>
      count(`session WHERE ended_at IS NOT NULL AND id = '${String(decodeJwt(token)['sid'])}'`);
    expect([await ended(one.accessToken), await ended(two.accessToken)]).toEqual([1, 0]);
    expect(await count('refresh_token')).toBe(1);
  });

  test('links, invitations, tokens, guesses and counts, each at its age', async () => {
    await ask(`
      INSERT INTO account_token (hash, purpose, organisation_id, email, locale, expires_at)
      SELECT 'h' || days, 'REGISTRATION', 'o', 'e', 'en', now() - days * interval '1 day'
      FROM unnest(ARRAY[0, 2]) days`);
    await ask(`
      INSERT INTO invitation (id, organisation_id, email, roles, locale, invited_by, expires_at)
      SELECT 'i' || days, o.id, 'e' || days, '{}', 'en', 'u', now() - days * interval '1 day'
      FROM unnest(ARRAY[89, 91]) days, (SELECT id FROM organisation LIMIT 1) o`);
    await ask(`
      INSERT INTO personal_access_token (id, organisation_id, user_id, name, secret_hash, permissions, expires_at)
      SELECT 'p' || days, organisation_id, user_id, 'n', 's' || days, '{}', now() - days * interval '1 day'
      FROM unnest(ARRAY[89, 91]) days, (SELECT * FROM membership LIMIT 1) member`);
    await ask('DELETE FROM guess_limit');
    await ask(`
      INSERT INTO guess_limit (subject, failures, blocked_until, last_at)
      SELECT 'g' || hours, 1, now(), now() - hours * interval '1 hour' FROM unnest(ARRAY[23, 25]) hours`);
    await ask('DELETE FROM counted_window');
    await ask(`
      INSERT INTO counted_window (subject, began_at, count, previous)
      SELECT 'c' || hours, now() - hours * interval '1 hour', 1, 0 FROM unnest(ARRAY[23, 25]) hours`);
    await deleteNow();
    for (const table of [
      'account_token',
      'invitation',
      'personal_access_token',
      'guess_limit',
      'counted_window',
    ])
      expect([table, await count(table)]).toEqual([table, 1]);
  });

  test('what was wrong in imports, 90 days after them; uploads that were broken off, after a day', async () => {
    await ask(`
      INSERT INTO people_import (id, organisation_id, user_id, file_name, dry_run, state, leased_until, finished_at)
      SELECT 'm' || days, o.id, 'u', 'f', false, 'COMPLETED', now(), now() - days * interval '1 day'
      FROM unnest(ARRAY[89, 91]) days, (SELECT id FROM organisation LIMIT 1) o`);
    await ask(
      "INSERT INTO people_import_fault (import_id, line, reason) SELECT id, 1, 'r' FROM people_import",
    );
    await ask(`
      INSERT INTO people_import (id, organisation_id, user_id, file_name, dry_run, state, leased_until)
      SELECT 'lost', id, 'u', 'f', false, 'UPLOADING', now() - interval '2 days' FROM organisation LIMIT 1`);
    await ask("INSERT INTO people_import_piece (import_id, place, content) VALUES ('lost', 0, 'x')");
    await deleteNow();
    expect([await count('people_import'), await count('people_import_fault')]).toEqual([2, 1]);
    expect(await count('people_import_piece')).toBe(0);
  });
});
