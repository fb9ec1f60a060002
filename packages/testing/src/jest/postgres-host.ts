// A PostgreSQL for one run of the tests, in a process of its own: it prints its URL and ends with its standard input, or
// when it is told to.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@lyceum/engines';
import { createLogger } from '@lyceum/service';

// Made by startPostgres: for root, PostgreSQL runs as another user, who could not enter what mkdtemp makes.
const directory = join(tmpdir(), `lyceum-test-postgres-${randomUUID()}`);
const starting = startPostgres({
  directory,
  port: 0,
  logger: createLogger({ service: 'test-postgres', level: 'silent' }),
  // The data dies with the run: what crashes lose is tested where the engine is tested.
  configuration: { max_connections: 300, fsync: 'off', synchronous_commit: 'off' },
});

// PostgreSQL has a session of its own and would outlive this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end());
process.stdin.resume();
process.stdin.once('close', () => void end());

const { url } = await starting;
process.stdout.write(`${url}\n`);

async function end(): Promise<void> {
  try {
    const postgres = await starting;
    await postgres.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  }
}
