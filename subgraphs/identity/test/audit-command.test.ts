import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repositoryRoot } from '@lyceum/service';
import { runCommand, temporaryDirectory } from '@lyceum/testing';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { connect } from './kit/sql.ts';

let identity: RunningIdentity;
const directory = temporaryDirectory();

beforeAll(async () => {
  identity = await runIdentity();
  for (const account of ['admin', 'author', 'learner'] as const) await identity.loggedIn(account);
});
afterAll(() => identity.stop());

async function audit(...args: string[]): Promise<{ code: number | string; output: string }> {
  const command = runCommand([join(repositoryRoot(), 'subgraphs/identity/dist/audit/main.js'), ...args], {
    directory,
    env: { DATABASE_URL: identity.databaseUrl },
  });
  return { code: await command.ended, output: command.output() };
}

test('an export holds every act, and whoever has it can tell that it is whole', async () => {
  const { code, output } = await audit('export', '--organisation', 'demo');
  const acts = output
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: { act: string } }).event.act);
  expect([code, acts]).toEqual([
    0,
    ['organisation.create', 'session.create', 'session.create', 'session.create'],
  ]);

  const file = join(directory, 'demo.jsonl');
  writeFileSync(file, output);
  expect(await audit('verify', file)).toEqual({
    code: 0,
    output: expect.stringMatching(
      /^4 rows are as they were written\. The last one's hash is [0-9a-f]{64}\.\n$/,
    ),
  });
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('"act":"organisation.create"', '"act":"user.praise"'),
  );
  expect(await audit('verify', file)).toEqual({
    code: 1,
    output: 'Line 1: its hash is not that of what it says\n',
  });
  writeFileSync(file, output.split('\n').slice(1).join('\n'));
  expect(await audit('verify', file)).toMatchObject({ code: 1, output: 'Line 1: rows 1 to 1 are missing\n' });
});

test('an organisation that is not there, and a command that is none, are told', async () => {
  expect(await audit('export', '--organisation', 'nowhere')).toEqual({
    code: 1,
    output: 'There is no organisation nowhere.\n',
  });
  expect(await audit('rewrite')).toMatchObject({ code: 64, output: expect.stringContaining('Usage: audit') });
});

test('verify names what was changed past everything, and fails', async () => {
  expect(await audit('verify')).toMatchObject({
    code: 0,
    output: expect.stringContaining('0 logs are not whole'),
  });
  const client = await connect(identity.databaseUrl);
  await client.query(`ALTER TABLE audit_event DISABLE TRIGGER ALL`);
  await client.query(`UPDATE audit_event SET event = replace(event, 'DONE', 'REFUSED') WHERE sequence = 3`);
  await client.end();
  const { code, output } = await audit('verify');
  expect(code).toBe(1);
  expect(output).toMatch(/^org_\w+, row 3: its hash is not that of what it says\n/);
});
