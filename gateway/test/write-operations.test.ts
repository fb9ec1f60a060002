import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKnownDocuments } from '../src/persisted/known-documents.ts';
import { parseManifest } from '../src/persisted/manifest.ts';
import { writeOperations } from '../src/persisted/operations.ts';
import { startGateway } from './kit/gateway.ts';
import { hashOf, named, send } from './kit/persisted.ts';
import { startSchool, type School } from './kit/school.ts';

let school: School;
let folder: string;

beforeAll(async () => {
  school = await startSchool();
  folder = await mkdtemp(join(tmpdir(), 'lyceum-operations-'));
});

afterAll(async () => {
  await school.stop();
  await rm(folder, { recursive: true });
});

describe('npm run operations', () => {
  async function client(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await mkdtemp(join(folder, 'client-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(directory, name, '..'), { recursive: true });
      await writeFile(join(directory, name), text);
    }
    return directory;
  }

  async function run(...given: string[]) {
    const said: string[] = [];
    const code = await writeOperations(given, { from: folder, say: (text) => said.push(text) });
    return { code, said: said.join('\n') };
  }

  test('writes what the gateway reads: each operation with its fragments, from whatever file', async () => {
    const directory = await client({
      'courses.graphql': 'query Courses { courses { ...Card } } query Me { whoami }',
      'card.ts': 'export const card = gql`fragment Card on Course { title teacher { ...Name } }`;',
      'nested/name.tsx':
        'const name = gql`fragment Name on Person { name }`;\nconst watch = graphql(/* GraphQL */ `subscription Watch { progressUpdated { learner { ...Name } } } ${name}`);',
      'node_modules/other/index.js': 'gql`query Others { whoami }`',
    });
    expect(await run(directory, '--out', 'operations.json')).toMatchObject({ code: 0 });
    const text = await readFile(join(folder, 'operations.json'), 'utf8');
    const { operations } = JSON.parse(text) as {
      operations: { id: string; name: string; type: string; body: string }[];
    };
    expect(operations.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'query Courses',
      'query Me',
      'subscription Watch',
    ]);
    for (const { id, body } of operations) expect(id).toBe(hashOf(body));
    const manifest = parseManifest(text);
    const gateway = await startGateway(school.all, {
      documents: createKnownDocuments({ manifest: () => manifest, only: true }),
    });
    const { data } = await send(gateway, { extensions: named(operations[0]!.id) });
    expect(data).toMatchObject({ courses: [{ title: 'Algebra', teacher: { name: 'Cleo' } }, {}] });
    await gateway.stop();
  });

  test.each([
    ['no directory', undefined, 'Name a directory.'],
    ['an operation without a name', 'query { whoami }', 'an operation has no name'],
    ['a fragment that there is not', 'query A { ...B }', 'there is no fragment B'],
    ['what is not GraphQL', 'query A {', 'Syntax Error'],
  ])('says what is wrong: %s', async (_name, text, reason) => {
    const given = text === undefined ? [] : [await client({ 'a.graphql': text })];
    const { code, said } = await run(...given);
    expect(code).toBe(1);
    expect(said).toContain(reason);
    if (text !== undefined) expect(said).toContain('a.graphql');
  });

  test('two operations of one name are a fault, unless they are the same', async () => {
    const same = await client({ 'a.graphql': 'query A { whoami }', 'b.graphql': 'query A {\n whoami }' });
    expect((await run(same)).code).toBe(0);
    const other = await client({
      'a.graphql': 'query A { whoami }',
      'b.graphql': 'query A { courses { id } }',
    });
    expect((await run(other)).said).toContain('another operation of the name A');
  });
});
