import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import { xapiClient } from './kit/xapi-client.ts';

const receiveMain = 'lrs/src/receive/main.ts';
const ingestMain = 'lrs/src/ingest/main.ts';

/**
 * Two clients each want an id for a statement of their own, and come again until they are told 200 or 409, while
 * receivers are killed under them.
 */
export function crashesKeepIds(name: string, more: () => NodeJS.ProcessEnv): void {
  test(`kill -9 of receivers on ${name}: no id has two statements, and what each client was told is true`, async () => {
    const ground = await prepareGround(more());
    await ground.createKey({ name: 'tool', organisationId: 'org_a' });
    const ingest = await startProcess(ingestMain, ground.env);
    const receivers: ServiceProcess[] = [];
    for (const index of [0, 1]) receivers[index] = await startProcess(receiveMain, ground.env);
    const client = (index: number) => xapiClient(receivers[index]?.url ?? '', 'tool');
    await knows(client(0));
    await knows(client(1));

    const told = new Map<string, [number, number]>();
    const load = new AbortController();
    const untilTold = async (index: number, batch: unknown): Promise<number> => {
      for (;;) {
        const { status } = await client(index)
          .post(batch)
          .catch(() => ({ status: 0 }));
        if (status === 200 || status === 409) return status;
        await delay(20);
      }
    };
    const race = async () => {
      while (!load.signal.aborted) {
        const id = randomUUID();
        const [one, two] = await Promise.all(
          [0, 1].map((index) =>
            untilTold(index, [statement(), statement({ id, result: { response: String(index) } })]),
          ),
        );
        told.set(id, [one ?? 0, two ?? 0]);
      }
    };
    const racing = Array.from({ length: 6 }, race);
    for (const index of [0, 1, 0]) {
      const enough = told.size + 30;
      await eventually(
        () => {
          expect(told.size).toBeGreaterThan(enough);
        },
        { timeoutMs: 60_000 },
      );
      await receivers[index]?.kill();
      receivers[index] = await startProcess(receiveMain, ground.env);
    }
    load.abort();
    await Promise.all(racing);
    await ground.ingested();

    const query = `SELECT toString(id), JSONExtractString(statement, 'result', 'response') FROM statements
      WHERE id IN (${[...told.keys()].map((id) => `'${id}'`).join(',')})`;
    const answer = await ground.clickHouse.query({ query, format: 'TabSeparated' });
    const rows = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t'));
    expect([rows.length, new Set(rows.map(([id]) => id)).size]).toEqual([told.size, told.size]);
    for (const [id = '', response] of rows) {
      const winner = Number(response);
      expect([id, told.get(id)]).toEqual([id, winner === 0 ? [200, 409] : [409, 200]]);
    }
    expect(await Promise.all([...receivers, ingest].map((each) => each.stop()))).toEqual([0, 0, 0]);
    await ground.close();
  }, 240_000);
}
