import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './support/eventually.ts';
import {
  startClickHouse,
  startExpectingFailure,
  temporaryDirectory,
  type ClickHouseProcess,
} from './support/clickhouse-process.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(async () => {
  await directory.remove();
});

async function ask(
  server: ClickHouseProcess,
  query: string,
  parameters: Record<string, string> = {},
  body = '',
): Promise<string> {
  const search = new URLSearchParams({ ...parameters, query });
  const response = await fetch(`${server.url}/?${search.toString()}`, { method: 'POST', body });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer.trim();
}

const CREATE = `CREATE TABLE acknowledged (id UInt64, filler String) ENGINE = MergeTree ORDER BY id
  SETTINGS non_replicated_deduplication_window = 1000`;

test('kill -9 in the midst of inserts loses no acknowledged row, and a retry stores none twice', async () => {
  const rowsPerInsert = 500;
  const insert = (server: ClickHouseProcess, batch: number): Promise<string> => {
    const rows = Array.from(
      { length: rowsPerInsert },
      (_, row) => `${batch * rowsPerInsert + row}\t${'x'.repeat(100)}\n`,
    );
    const parameters = { insert_deduplication_token: `batch-${batch}` };
    return ask(server, 'INSERT INTO acknowledged FORMAT TSV', parameters, rows.join(''));
  };
  let server = await startClickHouse(directory.path);
  await ask(server, CREATE);
  let batch = 0;
  for (let crash = 0; crash < 3; crash += 1) {
    const until = batch + 15 + crash * 7;
    let killed: Promise<void> | undefined;
    for (;;) {
      if (batch === until) killed = server.kill();
      // A batch that was not acknowledged is sent again after the restart, under the same token.
      const acknowledged = await insert(server, batch).then(
        () => true,
        () => false,
      );
      if (!acknowledged) break;
      batch += 1;
    }
    await killed;
    server = await startClickHouse(directory.path);
    const count = Number(
      await ask(server, `SELECT count() FROM acknowledged WHERE id < ${batch * rowsPerInsert}`),
    );
    expect(count).toBe(batch * rowsPerInsert);
    await insert(server, batch);
    batch += 1;
    expect(await ask(server, 'SELECT count() = uniqExact(id), count() FROM acknowledged')).toBe(
      `1\t${batch * rowsPerInsert}`,
    );
  }
  expect(await server.stop()).toBe(0);
}, 60_000);

test('stop lets a running insert end, and what was stored is there after the next start', async () => {
  const first = await startClickHouse(directory.path);
  await ask(first, CREATE);
  const slow = ask(
    first,
    'INSERT INTO acknowledged SELECT number, toString(sleepEachRow(0.3)) FROM numbers(10) SETTINGS max_block_size = 1',
  );
  await eventually(async () => {
    const count = await ask(first, "SELECT count() FROM system.processes WHERE query LIKE 'INSERT%'");
    return count === '1';
  });
  expect(await first.stop()).toBe(0);
  await slow;
  const second = await startClickHouse(directory.path);
  expect(await ask(second, 'SELECT count() FROM acknowledged')).toBe('10');
  await second.stop();
});

describe('faults', () => {
  test('a second start on the same data says who holds it, and leaves the first alone', async () => {
    const first = await startClickHouse(directory.path);
    const second = await startExpectingFailure(directory.path);
    expect(second.code).not.toBe(0);
    expect(second.output).toMatch(
      new RegExp(`in use by process ${first.pid} \\(.*main\\.ts\\), running since \\d{4}-`),
    );
    expect(await ask(first, 'SELECT 1')).toBe('1');
    await first.stop();
  });

  test('a port in use is named, with its process and the variable to set', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    const { code, output } = await startExpectingFailure(directory.path, { PORT: String(port) });
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port}`);
    if (process.platform === 'linux') expect(output).toContain(`process ${process.pid}`);
    expect(output).toContain('set PORT');
    await new Promise((resolve) => other.close(resolve));
  });

  test('data of a newer version is refused, untouched', async () => {
    const folder = path.join(directory.path, 'clickhouse');
    await mkdir(folder);
    const newer = '{"layout":1,"clickhouse":"99.1.0"}\n';
    await writeFile(path.join(folder, 'version.json'), newer);
    const { code, output } = await startExpectingFailure(directory.path);
    expect(code).toBe(1);
    expect(output).toContain('written by ClickHouse 99.1.0');
    expect(await readFile(path.join(folder, 'version.json'), 'utf8')).toBe(newer);
  });

  test('a directory that can not be written is named', async () => {
    const file = path.join(directory.path, 'a-file');
    await writeFile(file, '');
    const { code, output } = await startExpectingFailure(file);
    expect(code).toBe(1);
    expect(output).toContain(`${file}/clickhouse can't be written`);
  });

  test('wrong variables are named together', async () => {
    const { code, output } = await startExpectingFailure(directory.path, {
      PORT: 'x',
      UV_THREADPOOL_SIZE: '2',
    });
    expect(code).toBe(78);
    expect(output).toMatch(/PORT[\s\S]*UV_THREADPOOL_SIZE/);
  });
});
