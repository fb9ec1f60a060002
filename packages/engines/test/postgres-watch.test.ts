import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { startPostgres, watchPostgres, type PostgresWatch, type RunningPostgres } from '../src/index.ts';
import { temporaryDirectory } from './support/clickhouse-process.ts';
import { eventually } from './support/eventually.ts';

const silentMs = 600;

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: RunningPostgres;
let watch: PostgresWatch;
let silences: number;

beforeEach(async () => {
  temporary = await temporaryDirectory();
  // As root the server runs as another account, which must be able to get there.
  await chmod(temporary.path, 0o755);
  const directory = path.join(temporary.path, 'postgres');
  server = await startPostgres({ directory, port: 0, logger: pino({ level: 'silent' }) });
  silences = 0;
  watch = watchPostgres({ url: server.url, everyMs: 50, silentMs, onSilent: () => (silences += 1) });
}, 60_000);

afterEach(async () => {
  watch.stop();
  process.kill(server.pid, 'SIGCONT');
  await server.stop();
  await temporary.remove();
});

const answersUntil = (time: number) => eventually(() => watch.lastAnswerAt() > time);

test('a server that runs and does not answer is told once, and not before it was silent for so long', async () => {
  await answersUntil(performance.now() + 2 * silentMs);
  expect(silences).toBe(0);
  process.kill(server.pid, 'SIGSTOP');
  const stopped = performance.now();
  await eventually(() => silences === 1);
  expect(performance.now() - Math.max(stopped, watch.lastAnswerAt())).toBeGreaterThan(silentMs / 2);
});

test('one that answers again in time is left alone', async () => {
  process.kill(server.pid, 'SIGSTOP');
  const stopped = performance.now();
  await eventually(() => performance.now() - stopped > silentMs / 3);
  process.kill(server.pid, 'SIGCONT');
  await answersUntil(performance.now() + 2 * silentMs);
  expect(silences).toBe(0);
});
