import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { allowedHeader, parseAllowed } from '../src/release/allowed.ts';
import { compare } from '../src/release/compare.ts';
import { checkAgainstReleased } from '../src/release/released.ts';
import { report } from '../src/release/report.ts';
import { repository } from './workspace.ts';

const before = `
  type Query { courses(first: Int): [Course!]!  find(by: Filter): Course }
  type Course { id: ID!  title: String  state: State }
  enum State { DRAFT OPEN }
  input Filter { title: String }
`;
const operation = (file: string, text: string) => ({ file, definitions: parse(text).definitions });
const operations = [
  operation('list.graphql', '{ courses { title } }'),
  operation(
    'find.graphql',
    'query Find($by: Filter) { find(by: $by) { ...Known } } fragment Known on Course { state }',
  ),
];

const changesTo = (after: string) => compare(buildSchema(before), buildSchema(after), operations);

describe('the graph since the last release', () => {
  test('breaks nothing but what allowed-since-release.txt says, with a reason (npm run schema:check)', async () => {
    expect((await checkAgainstReleased(repository)).faults).toEqual([]);
  });
});

describe('a change', () => {
  test('is breaking, dangerous or safe, and names the operations that it touches', async () => {
    const after = before
      .replace('title: String  state', 'slug: String  state')
      .replace('DRAFT OPEN', 'DRAFT OPEN CLOSED')
      .replace('first: Int', 'last: Int');
    const told = (await changesTo(after)).map(
      ({ level, message, touches }) => `${level}: ${message} [${touches.join()}]`,
    );
    expect(told).toEqual([
      expect.stringMatching(/^breaking: Argument 'first: Int' was removed .*\[\]$/),
      expect.stringMatching(/^breaking: Field 'title' was removed .*\[list\.graphql\]$/),
      expect.stringMatching(/^dangerous: Argument 'last: Int' added .*\[list\.graphql\]$/),
      expect.stringMatching(/^dangerous: Enum value 'CLOSED' was added .*\[find\.graphql\]$/),
      expect.stringMatching(/^safe: Field 'slug' was added .*\[\]$/),
    ]);
  });

  test('of what a variable may carry touches who has the variable', async () => {
    const [change] = await changesTo(
      before.replace('Filter { title: String }', 'Filter { title: String  lang: String! }'),
    );
    expect(change).toMatchObject({ level: 'breaking', touches: ['find.graphql'] });
  });

  test('that breaks is told with whom, or that nobody known is broken', async () => {
    const changes = await changesTo(
      before.replace('title: String  state', 'state').replace('(first: Int)', ''),
    );
    const { lines, faults } = report(changes, []);
    expect(faults).toEqual([
      "Argument 'first: Int' was removed from field 'Query.courses' breaks no known operation, and is not allowed.",
      "Field 'title' was removed from object type 'Course' breaks list.graphql, and is not allowed.",
    ]);
    expect(lines[0]).toContain('(no known operation)');
  });
});

describe('what is allowed', () => {
  const removed = "Field 'title' was removed from object type 'Course'";
  const without = before.replace('title: String  state', 'state');
  const faultsWith = async (text: string) =>
    report(await changesTo(without), parseAllowed(allowedHeader + text)).faults;

  test('breaks nothing, where it has a reason', async () => {
    expect(await faultsWith(`# The title is in its translations.\n${removed}\n`)).toEqual([]);
  });

  test('must have a reason right above it', async () => {
    const fault = `"${removed}" is allowed without a reason above it.`;
    expect(await faultsWith(`${removed}\n`)).toEqual([fault]);
    expect(await faultsWith(`# About something else.\n\n${removed}\n`)).toEqual([fault]);
  });

  test('must be a change', async () => {
    expect(await faultsWith(`# A reason.\n${removed}\n# Another.\nField 'x' was removed\n`)).toEqual([
      `"Field 'x' was removed" is allowed, and there is no such breaking change.`,
    ]);
  });
});
