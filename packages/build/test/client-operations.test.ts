import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let scratch: string;
let frontend: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lyceum-operations-'));
  frontend = join(scratch, 'packages/frontend');
  mkdirSync(join(frontend, 'src/operations'), { recursive: true });
  mkdirSync(join(scratch, 'schema'));
  cpSync(join(root, 'schema/supergraph.graphql'), join(scratch, 'schema/supergraph.graphql'));
  writeFileSync(join(frontend, 'package.json'), '{}');
});

afterEach(() => {
  rmSync(scratch, { recursive: true });
});

const write = (name: string, text: string) => {
  writeFileSync(join(frontend, 'src/operations', name), text);
};
const build = () => run(process.execPath, [join(root, 'packages/build/bin/build.mjs')], { cwd: frontend });
const generated = (name: string) => readFileSync(join(frontend, 'src/generated', name), 'utf8');

test('operations become typed documents, fragments of other files in them', async () => {
  write('a.graphql', 'query One($id: ID!) { course(id: $id) { ...Named } }');
  write('b.graphql', 'fragment Named on Course { id title }');
  await build();
  expect(generated('graphql.ts')).toMatch(
    /export const OneDocument = .*"Named".*DocumentNode<OneQuery, OneQueryVariables>/,
  );
  expect(generated('cache-facts.ts')).toContain('"Query.courses": [\n    "filter",\n    "orderBy"\n  ]');
});

test.each([
  [
    'asks for a field that there is not',
    'query One {\n  courses { nodes { name } }\n}',
    /a\.graphql:2: Cannot query field "name" on type "Course"/,
  ],
  ['is no GraphQL', 'query One {\n  courses {{\n}', /a\.graphql:2: Syntax Error/],
])('an operation that %s fails the build with its file and line', async (_name, text, message) => {
  write('a.graphql', text);
  await expect(build()).rejects.toThrow(message);
  expect(existsSync(join(frontend, 'src/generated'))).toBe(false);
});

test('a changed graph is generated for anew', async () => {
  write('a.graphql', 'query One { courses { nodes { id } } }');
  await build();
  writeFileSync(join(frontend, 'src/generated/graphql.ts'), 'written before');
  const supergraph = join(scratch, 'schema/supergraph.graphql');
  rmSync(supergraph);
  cpSync(join(root, 'schema/supergraph.graphql'), supergraph);
  await build();
  expect(generated('graphql.ts')).toContain('OneDocument');
});
