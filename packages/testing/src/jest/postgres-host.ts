// A PostgreSQL for one run of the tests, in a process of its own: it prints its URL and ends with its standard input.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@lyceum/engines';
import { createLogger } from '@lyceum/service';

// Made by startPostgres: for root, PostgreSQL runs as another user, who could not enter what mkdtemp makes.
const directory = join(tmpdir(), `lyceum-test-postgres-${randomUUID()}`);
const postgres = await startPostgres({
  directory,
  port: 0,
  logger: createLogger({ service: 'test-postgres', level: 'silent' }),
  // The data dies with the run: what crashes lose is tested where the engine is tested.
  configuration: { max_connections: 300, fsync: 'off', synchronous_commit: 'off' },
});
process.stdout.write(`${postgres.url}\n`);

process.stdin.resume();
process.stdin.once('close', () => {
  void postgres.stop().finally(() => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  });
});
