import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findHolder, lockDirectory, successionTo } from '../src/directory-lock.ts';
import { temporaryDirectory } from './support/clickhouse-process.ts';

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let directories = 0;

beforeAll(async () => {
  temporary = await temporaryDirectory();
});

afterAll(async () => {
  await temporary.remove();
});

/** A new directory, with what a process that is dead has left in it. */
async function abandoned(lock?: string): Promise<string> {
  directories += 1;
  const directory = path.join(temporary.path, `${directories}`);
  await mkdir(directory);
  const holder = { pid: 1, startedAt: 'another boot', command: 'node', since: `${directories}` };
  await writeFile(path.join(directory, 'owner.json'), lock ?? JSON.stringify(holder));
  return directory;
}

/** What an heir to the lock, or to another heir, has left that died before it had the lock. */
async function leaveHeir(directory: string, since: string, to?: string): Promise<string> {
  const file = path.join(directory, 'owner.json');
  const text = JSON.stringify({ pid: 1, startedAt: 'another boot', command: 'node', since });
  await writeFile(successionTo(file, to ?? (await readFile(file, 'utf8'))), text);
  return text;
}

const filesOf = async (directory: string) => (await readdir(directory)).sort();

describe('a lock', () => {
  test('is refused to others while it is held, with the holder named, and free after its release', async () => {
    const directory = await abandoned();
    const lock = await lockDirectory(directory, 'test');
    await expect(lockDirectory(directory, 'test')).rejects.toMatchObject({
      code: 'DIRECTORY_IN_USE',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    expect(await findHolder(directory)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await filesOf(directory)).toEqual([]);
  });

  test.each(['', '{"pid":'])('that nobody can be read from is taken over (%j)', async (left) => {
    const directory = await abandoned(left);
    const lock = await lockDirectory(directory, 'test');
    expect(await filesOf(directory)).toEqual(['owner.json']);
    await lock.release();
  });

  test('is taken over also where heirs of it died before they had it', async () => {
    const directory = await abandoned();
    const first = await leaveHeir(directory, 'first');
    await leaveHeir(directory, 'second', first);
    const lock = await lockDirectory(directory, 'test');
    expect(await filesOf(directory)).toEqual(['owner.json']);
    await lock.release();
  });

  test('is refused while a living heir is about to take it over', async () => {
    const directory = await abandoned();
    const own = await abandoned();
    await lockDirectory(own, 'test');
    const file = path.join(directory, 'owner.json');
    const right = successionTo(file, await readFile(file, 'utf8'));
    await writeFile(right, await readFile(path.join(own, 'owner.json')));
    await expect(lockDirectory(directory, 'test')).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
  });
});

describe('of several that start at once on a stale lock', () => {
  const starters: ChildProcess[] = [];

  beforeAll(async () => {
    starters.push(starter(), starter(), starter());
    await Promise.all(starters.map((child) => once(child, 'message')));
  });

  afterAll(() => {
    for (const child of starters) child.kill('SIGKILL');
  });

  test('exactly one holds it, every time', async () => {
    for (let round = 0; round < 400; round += 1) {
      const directory = await abandoned();
      if (round % 2 === 1) await leaveHeir(directory, 'dead');
      const answers = starters.map(async (child, index) => {
        child.send({ directory, afterMs: index * Math.random() * 3 });
        return ((await once(child, 'message')) as [string])[0];
      });
      const said = (await Promise.all(answers)).sort();
      expect([round, ...said]).toEqual([round, 'DIRECTORY_IN_USE', 'DIRECTORY_IN_USE', 'held']);
      expect(await filesOf(directory)).toEqual(['owner.json']);
      const { pid } = JSON.parse(await readFile(path.join(directory, 'owner.json'), 'utf8')) as {
        pid: number;
      };
      expect(starters.map((child) => child.pid)).toContain(pid);
    }
  }, 60_000);
});

function starter(): ChildProcess {
  const file = path.join(import.meta.dirname, 'support/lock-directory.ts');
  return fork(file, { execArgv: ['--import', 'tsx'] });
}
