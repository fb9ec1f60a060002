import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const identity = join(root, 'subgraphs/identity');
const run = promisify(execFile);

let scratch: string;
/** A workspace with identity's schemas, in a repository of its own; nothing is generated yet. */
let service: string;
const client = () => join(service, 'src/store/generated');
const types = () => join(service, 'src/generated/resolver-types.ts');

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lyceum-generate-'));
  service = join(scratch, 'service');
  mkdirSync(join(service, 'src'), { recursive: true });
  mkdirSync(join(service, 'prisma'));
  for (const file of ['prisma/schema.prisma', 'schema.graphql'])
    cpSync(join(identity, file), join(service, file));
  for (const folder of [scratch, service])
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ workspaces: ['service'] }));
});

afterEach(() => {
  rmSync(scratch, { recursive: true });
});

const generate = () =>
  run(process.execPath, [join(root, 'packages/build/bin/generate.mjs')], { cwd: scratch });
const messageOf = (refused: Promise<unknown>) => refused.then(() => 'no error', String);
const build = () => run(process.execPath, [join(root, 'packages/build/bin/build.mjs')], { cwd: service });

async function prismaGenerate(): Promise<void> {
  const cli = join(root, 'node_modules/prisma/build/index.js');
  await run(process.execPath, [cli, 'generate', '--schema', 'prisma/schema.prisma'], {
    cwd: service,
    // Generating needs no schema engine, which it would download; any executable will do.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
}

function filesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}

test('the client is the one that `prisma generate` writes, to the byte', async () => {
  await generate();
  const ours = filesOf(client());
  rmSync(client(), { recursive: true });
  await prismaGenerate();
  expect(Object.keys(ours).length).toBeGreaterThan(10);
  expect(ours).toEqual(filesOf(client()));
});

test('a faulty schema is refused with its file and line, and nothing is written', async () => {
  const schema = join(service, 'prisma/schema.prisma');
  const text = readFileSync(schema, 'utf8');
  const line = text.slice(0, text.indexOf(' String ')).split('\n').length;
  writeFileSync(schema, text.replace(' String ', ' Strin '));
  const refused = stripVTControlCharacters(await messageOf(generate()));
  expect(refused).toMatch(/Type "Strin" is neither/);
  expect(refused).toContain(`service/prisma/schema.prisma:${line}`);
  expect(readdirSync(join(service, 'src'))).toEqual([]);
});

test('a build writes what is missing or older than its schema, and nothing else', async () => {
  await build();
  const clientFile = join(client(), 'client.ts');
  for (const file of [types(), clientFile]) writeFileSync(file, 'written before');
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(service, 'schema.graphql'), later, later);
  await build();
  expect(readFileSync(types(), 'utf8')).toContain('export type Resolvers');
  expect(readFileSync(clientFile, 'utf8')).toBe('written before');
});
