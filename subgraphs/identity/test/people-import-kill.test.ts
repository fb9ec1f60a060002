import { afterAll, expect, test } from '@jest/globals';
import { repositoryRoot, workspaceFile } from '@lyceum/service';
import {
  eventually,
  graphqlClient,
  prepareDatabase,
  runCommand,
  temporaryDirectory,
  type RunningCommand,
} from '@lyceum/testing';
import { logIn } from './kit/identity.ts';
import { endOfImport, importOf, sendFile } from './kit/people-file.ts';
import { publishedEvents } from './kit/published-events.ts';

const rows = 6_000;
let running: RunningCommand | undefined;
afterAll(() => {
  running?.signal('SIGKILL');
});

/** Identity as a process of its own. */
async function start(env: NodeJS.ProcessEnv): Promise<{ command: RunningCommand; url: string }> {
  const directory = repositoryRoot();
  const command = runCommand([workspaceFile('subgraphs/identity', 'dist/main.js')], { directory, env });
  running = command;
  await command.until('identity is ready');
  const url = /"url":"([^"]+)"/.exec(command.output())?.[1] ?? '';
  return { command, url };
}

test('an import whose process is killed again and again ends with each person once, and each told of once', async () => {
  const dataDirectory = temporaryDirectory();
  const env = {
    PORT: '0',
    LYCEUM_DEMO: '1',
    IMPORT_LEASE_SECONDS: '1',
    LYCEUM_DATA_DIR: dataDirectory,
    DATABASE_URL: await prepareDatabase('identity', workspaceFile('subgraphs/identity', 'prisma/migrations')),
  };
  let { command, url } = await start(env);
  const { accessToken } = await logIn(graphqlClient(url), 'admin@lyceum.example');
  const file = ['external_id,email,name,groups']
    .concat(Array.from({ length: rows }, (_, row) => `k${row},k${row}@killed.example,Killed ${row},All`))
    .join('\n');
  const { id } = (await (await sendFile(url, accessToken, file)).json()) as { id: string };
  for (let seen = 0, kills = 0; kills < 3; kills += 1) {
    await eventually(
      async () => {
        const { rows: done } = await importOf(graphqlClient(url, accessToken), id);
        expect(done).toBeGreaterThan(seen);
        seen = done;
      },
      { timeoutMs: 30_000 },
    );
    command.signal('SIGKILL');
    await command.ended;
    ({ command, url } = await start(env));
  }
  const ask = graphqlClient(url, accessToken);
  expect(await endOfImport(ask, id)).toMatchObject({
    state: 'COMPLETED',
    rows,
    created: rows,
    faultCount: 0,
  });
  const { data } = await ask<{ users: { totalCount: number } }>(
    '{ users(filter: { search: "@killed.example" }, first: 1) { totalCount } }',
  );
  expect(data.users.totalCount).toBe(rows);
  const events = await publishedEvents({ dataDirectory }, (known) => {
    // Killed between the log and the outbox, the relay publishes again, with the same id: consumers ignore those.
    const ids = new Set(known.filter(({ type }) => type === 'user.registered').map((event) => event.id));
    expect(ids.size).toBe(rows + 4);
  });
  for (const type of ['user.registered', 'membership.changed']) {
    const told = new Map(
      events.filter((event) => event.type === type).map((event) => [event.id, event.subject]),
    );
    expect([type, told.size, new Set(told.values()).size]).toEqual([type, rows + 4, rows + 4]);
  }
  command.signal('SIGTERM');
  expect(await command.ended).toBe(0);
}, 120_000);
