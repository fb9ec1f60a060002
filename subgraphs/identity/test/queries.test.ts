import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { graphqlClient } from '@lyceum/testing';
import pg from 'pg';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';

let identity: RunningIdentity;

beforeAll(async () => {
  identity = await runIdentity();
});
afterAll(() => identity.stop());

/** Each costs as much as a tenth of hashing the password. */
test('a login asks PostgreSQL ten times', async () => {
  const visitor = graphqlClient(identity.url);
  await logIn(visitor, 'learner@lyceum.example');
  const send = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await logIn(visitor, 'learner@lyceum.example');
    const sent = (send.mock.calls as unknown as [string | { text: string }][])
      .map(([query]) => (typeof query === 'string' ? query : query.text))
      .map((text) => text.replace(/\s+/g, ' ').trim());
    expect(sent).toEqual([
      expect.stringContaining('guess_count'),
      expect.stringContaining('FROM membership JOIN "user"'),
      expect.stringContaining('DELETE FROM guess_limit'),
      'BEGIN',
      expect.stringContaining('FOR SHARE'),
      expect.stringContaining('FROM totp'),
      expect.stringContaining('FROM role_grant'),
      expect.stringContaining('INSERT INTO refresh_token'),
      expect.stringContaining('audit_append'),
      'COMMIT',
    ]);
  } finally {
    send.mockRestore();
  }
});
