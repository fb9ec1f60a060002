import { spawn } from 'node:child_process';
import { embeddedPostgresUrl, findHolder } from '@lyceum/engines';
import { repositoryRoot } from '@lyceum/service';
import { join } from 'node:path';
import { dataPaths } from '../data/paths.ts';
import { readRunState } from '../data/run-state.ts';
import { parseLocalEnvironment } from '../env.ts';
import type { PortVariable } from '../services.ts';
import { serviceEnvironment } from '../supervise/service-environment.ts';

// A service's own command (`npm run rebuild-progress`, `npm run audit`), pointed at the engines of the running system.
// The first argument is its bundle, the others are its own.
const [bundle = '', ...rest] = process.argv.slice(2);
const env = parseLocalEnvironment();
const paths = dataPaths(env.LYCEUM_DATA_DIR);
const state = readRunState(paths.state);
process.exitCode = state && (await findHolder(paths.root)) ? await run(state) : notRunning();

async function run({ ports, publicUrl }: NonNullable<typeof state>): Promise<number> {
  const known = new Map(Object.entries(ports) as [PortVariable, number][]);
  const addresses = {
    host: env.HOST,
    ports: known,
    publicUrl,
    databaseUrl:
      env.DATABASE_URL ??
      (await embeddedPostgresUrl(paths.postgres, known.get('POSTGRES_PORT') ?? 0, 'lyceum')),
    clickhouseUrl: env.CLICKHOUSE_URL ?? `http://localhost:${known.get('CLICKHOUSE_PORT') ?? 0}`,
  };
  const child = spawn(process.execPath, ['--enable-source-maps', join(repositoryRoot(), bundle), ...rest], {
    stdio: 'inherit',
    env: serviceEnvironment(env, addresses, process.env),
  });
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

function notRunning(): number {
  process.stderr.write('Lyceum is not running: start it first (npm start), in another terminal.\n');
  return 1;
}
