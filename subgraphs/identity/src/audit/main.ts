import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openDatabase } from '@lyceum/postgres';
import { EnvironmentError, workspaceFile } from '@lyceum/service';
import { actsOf, faultInChain, verifyChains } from '../domain/audit-chain.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { createStore, type Database } from '../store/store.ts';
import { readAuditEnv } from './env.ts';
import { actOfLine, lineOfAct } from './json-lines.ts';

const usage = `Usage: audit verify [FILE]
       audit export --organisation SLUG

verify  reads every organisation's audit log from its first row and names what was changed or taken out; of a FILE, what
        export wrote. Exits with 1 where there is such a thing.
export  writes an organisation's audit log as JSON Lines. Without --organisation: what belongs to none.
`;

/** sysexits.h EX_USAGE and EX_CONFIG. */
const [exitUsage, exitMisconfigured] = [64, 78];

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof EnvironmentError ? exitMisconfigured : 1;
});

async function run(args: string[]): Promise<number> {
  const given = readArguments(args);
  if (given?.command === 'verify')
    return given.file === undefined ? withStore(verify) : verifyFile(given.file);
  if (given?.command === 'export') return withStore((store) => exportActs(store, given.organisation));
  process.stderr.write(usage);
  return exitUsage;
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { organisation: { type: 'string' } },
      allowPositionals: true,
    });
    const [command, file, ...more] = positionals;
    return more.length > 0 ? undefined : { command, file, organisation: values.organisation };
  } catch {
    return undefined;
  }
}

async function withStore(work: (store: Database) => Promise<number>): Promise<number> {
  const database = await openDatabase({
    serverUrl: readAuditEnv().DATABASE_URL,
    service: 'identity',
    migrations: workspaceFile('subgraphs/identity', 'prisma/migrations'),
  });
  try {
    return await work(createStore(new PrismaClient({ adapter: database.adapter })));
  } finally {
    await database.close();
  }
}

async function verify(store: Database): Promise<number> {
  const { rows, faults } = await verifyChains(store);
  for (const { organisationId, sequence, reason } of faults)
    process.stdout.write(`${organisationId || 'no organisation'}, row ${sequence}: ${reason}\n`);
  process.stdout.write(`${rows} rows are as they were written, ${faults.length} logs are not whole.\n`);
  return faults.length === 0 ? 0 : 1;
}

async function verifyFile(path: string): Promise<number> {
  let last = { sequence: 0n, hash: '' };
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const row = actOfLine(text);
    const reason = row ? faultInChain(row, last) : 'it is not a line of an export';
    if (!row || reason !== undefined) {
      process.stdout.write(`Line ${last.sequence + 1n}: ${reason}\n`);
      return 1;
    }
    last = row;
  }
  process.stdout.write(
    `${last.sequence} rows are as they were written. The last one's hash is ${last.hash}.\n`,
  );
  return 0;
}

async function exportActs(store: Database, slug: string | undefined): Promise<number> {
  const organisation = slug === undefined ? undefined : await store.organisations.selectOptionalBySlug(slug);
  if (slug !== undefined && !organisation) throw new Error(`There is no organisation ${slug}.`);
  for await (const row of actsOf(store, organisation?.id ?? ''))
    if (!process.stdout.write(lineOfAct(row))) await once(process.stdout, 'drain');
  return 0;
}
