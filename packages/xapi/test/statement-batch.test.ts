import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  createOwnStatementWriter,
  createStamper,
  createStoredClock,
  decodeStatementBatch,
  encodeStatementBatch,
  scanJson,
  statementFor,
  UnreadableBatchError,
  validateStatements,
  type Statement,
} from '../src/index.ts';
import { statement } from './arbitrary-statement.ts';

const publicUrl = 'http://localhost:4000';
const authority = { account: { homePage: publicUrl, name: 'key_1' } };
const stamp = createStamper({ authority, version: '1.0.0' });

function recordOf(text: string) {
  const clock = createStoredClock();
  const plain = text.replaceAll(/[\t\n\r]/g, ' ');
  const { spans } = scanJson(plain);
  const statements = (JSON.parse(plain) as Statement[]).map((each, index) =>
    stamp(each, plain.slice(spans[index * 2], spans[index * 2 + 1]), clock.next()),
  );
  return encodeStatementBatch({ organisationId: 'org_1', publicUrl, statements });
}

describe('a batch on the log', () => {
  test('gives back each statement with its stamps, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(0, '\t'),
        (batch, indent) => {
          const { value, headers } = recordOf(JSON.stringify(batch, null, indent));
          const decoded = decodeStatementBatch({ value: Buffer.from(value), headers });
          expect(decoded.organisationId).toBe('org_1');
          decoded.statements.forEach((line, index) => {
            const sent = JSON.parse(JSON.stringify(batch[index])) as Statement;
            const { id, stored } = line;
            expect(line.parse()).toEqual({
              id,
              timestamp: stored,
              version: '1.0.0',
              ...sent,
              stored,
              authority,
            });
            expect([line.verb, id]).toEqual([sent.verb.id, (sent.id ?? id).toLowerCase()]);
          });
        },
      ),
    );
  });

  test('keeps numbers and escapes as they were written', () => {
    const inside = '"urn:x:y":[1e400,1.10,123456789012345678901234567890,"\\u00e9\\/\\ud800\\"\\\\n"]';
    const text = `[{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"urn:v:v"},"object":{"id":"urn:o:o"},"result":{"extensions":{${inside}}}}]`;
    const [line] = decodeStatementBatch(recordOf(text)).statements;
    expect(line?.text).toContain(inside);
  });

  test('replaces what the client says of authority and stored, once each', () => {
    const [line] = decodeStatementBatch(
      recordOf(
        '[{"stored" : "2001-01-01T00:00:00Z", "actor":{"mbox":"mailto:a@b.c"}, "authority":{"mbox":"mailto:x@y.z"}, "verb":{"id":"urn:v:v"},"object":{"id":"urn:o:o"} }]',
      ),
    ).statements;
    expect(line?.text.match(/"stored"|"authority"/g)).toHaveLength(2);
    expect(line?.parse()).toMatchObject({ authority, stored: line?.stored });
  });

  test('says in its headers whether an activity of ours is concerned', () => {
    const own = statementFor({ publicUrl, userId: 'user_1', verb: 'passed', activity: { id: 'item_1' } });
    const writer = createOwnStatementWriter({ publicUrl });
    expect(writer.record('org_1', [own])).toMatchObject({
      key: 'org_1',
      headers: { lyceum: '1', count: '1' },
    });
    const foreign = createOwnStatementWriter({ publicUrl: 'https://elsewhere.example' });
    expect(foreign.record('org_1', [own]).headers).not.toHaveProperty('lyceum');
  });

  test.each([
    ['another format', { format: 'x', organisation: 'org_1', count: '1' }, 'a\n'],
    ['no organisation', { format: 'statement-lines-1', count: '1' }, 'a\n'],
    ['a cut value', { format: 'statement-lines-1', organisation: 'org_1', count: '1' }, 'a'],
    ['too few columns', { format: 'statement-lines-1', organisation: 'org_1', count: '1' }, 'a\n'],
  ])('is unreadable with %s', (_name, headers, value) => {
    expect(() => decodeStatementBatch({ headers, value })).toThrow(UnreadableBatchError);
  });
});

test('a statement of our own is valid', () => {
  const own = statementFor({
    publicUrl,
    userId: 'user_1',
    verb: 'completed',
    activity: { id: 'course_1', name: 'Graphs', type: 'http://adlnet.gov/expapi/activities/course' },
    parents: [{ id: 'program_1' }],
    result: { completion: true, score: { scaled: 1 } },
    registration: '0193a1b2-0000-7000-8000-000000000000',
    timestamp: new Date(),
  });
  expect(validateStatements(JSON.parse(JSON.stringify(own)))).toEqual([]);
});
