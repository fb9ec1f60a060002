import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSpool } from '../src/clickhouse/http/spool.ts';
import { temporaryDirectory } from './support/clickhouse-process.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(async () => {
  await directory.remove();
});

test('what an earlier process left is gone when it opens, and its own when it closes', async () => {
  const earlier = await openSpool(directory.path, 1);
  await earlier.store('left-over', [Buffer.from('rows')]);
  const spool = await openSpool(directory.path, 1);
  expect(existsSync(earlier.pathFor('left-over'))).toBe(false);
  await spool.close();
  expect(await readdir(directory.path)).toEqual([]);
});

test('keeps out of paths in which the engine would see a pattern', async () => {
  const odd = path.join(directory.path, 'data {a,b}*');
  await mkdir(odd);
  const spool = await openSpool(odd, 1);
  const file = await spool.store('rows', [Buffer.from('1'), Buffer.from('2')]);
  expect(file.path).not.toMatch(/[*?{}]/);
  expect(await readFile(file.path, 'utf8')).toBe('12');
  await spool.close();
});

test('a body that breaks off leaves no file', async () => {
  const spool = await openSpool(directory.path, 1);
  async function* breaking(): AsyncGenerator<Buffer> {
    yield Buffer.from('1');
    throw new Error('gone');
  }
  await expect(spool.store('rows', breaking())).rejects.toThrow('gone');
  expect(existsSync(spool.pathFor('rows'))).toBe(false);
});

// Linux has a file that is always full.
(existsSync('/dev/full') ? test : test.skip)('a full disk is told as ClickHouse tells it', async () => {
  const spool = await openSpool(directory.path, 1);
  await symlink('/dev/full', spool.pathFor('rows'));
  await expect(spool.store('rows', [Buffer.from('1')])).rejects.toMatchObject({ type: 'NOT_ENOUGH_SPACE' });
});

test('a pipe ends when the query does, even one that never opened it', async () => {
  const spool = await openSpool(directory.path, 1);
  const pipe = spool.openPipe(0);
  pipe.finish();
  const chunks: unknown[] = [];
  for await (const chunk of pipe.output) chunks.push(chunk);
  expect(chunks).toEqual([]);
});
