import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { scanJson } from '../src/json-text.ts';
import { inspectStatements, validateStatements } from '../src/validate-statements.ts';
import { statement } from './arbitrary-statement.ts';

type Json = Record<string, unknown>;

const minimal = {
  actor: { mbox: 'mailto:ada@example.org' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
  object: { id: 'https://example.org/course' },
};
const uuid = '0193a1b2-0000-7000-8000-000000000000';
const reference = { objectType: 'StatementRef', id: uuid };
const attachment = {
  usageType: 'https://example.org/certificate',
  display: { en: 'Certificate' },
  contentType: 'application/pdf',
  length: 10,
  sha2: 'a'.repeat(64),
};

/** The minimal statement with some members set, or taken away by undefined. */
function having(changes: Json): unknown {
  return JSON.parse(JSON.stringify({ ...minimal, ...changes }));
}

function definition(value: Json): unknown {
  return having({ object: { id: 'https://example.org/q', definition: value } });
}

describe('a valid statement has no fault', () => {
  test('however it is made up', () => {
    fc.assert(
      fc.property(statement, (each) => {
        expect(validateStatements(JSON.parse(JSON.stringify(each)))).toEqual([]);
      }),
    );
  });

  test.each([
    ['minimal', minimal],
    ['a voiding one', having({ verb: { id: 'http://adlnet.gov/expapi/verbs/voided' }, object: reference })],
    ['null within an extension', having({ result: { extensions: { 'urn:x:y': { a: null } } } })],
    ['revision with an activity', having({ context: { revision: '1', platform: 'here' } })],
    ['a timestamp to the minute', having({ timestamp: '2026-11-21T10:00+01' })],
    ['a leap day', having({ timestamp: '2028-02-29T00:00:00Z' })],
    ['an attachment', having({ attachments: [attachment] })],
    [
      'characters beyond the first 65,536',
      having({ actor: { mbox: 'mailto:🍞@backstube.example' }, object: { id: 'https://example.org/🥖' } }),
    ],
    ['half a character where nothing is looked up by it', having({ result: { response: '\ud800' } })],
  ])('%s', (_name, value) => {
    expect(validateStatements(value)).toEqual([]);
  });

  test.each(['1.0', '1.0.0', '1.0.3', '1.0.17'])('version %s, in both editions', (version) => {
    expect(validateStatements(having({ version }), '1.0')).toEqual([]);
    expect(validateStatements(having({ version }), '2.0')).toEqual([]);
  });

  test.each(['1.0.', '1.0.x', '1.1', '0.95', '2.0.0', '1.0.3 '])('version %j is none of 1.0', (version) => {
    expect(validateStatements(having({ version }))).toMatchObject([{ path: 'version' }]);
  });

  test('a space may stand for the T of a timestamp in 2.0 only', () => {
    const value = having({ timestamp: '2008-09-15 15:53:00.601+00:00' });
    expect(validateStatements(value, '2.0')).toEqual([]);
    expect(validateStatements(value, '1.0')).toMatchObject([{ path: 'timestamp' }]);
  });

  test('relevant types are one at least', () => {
    const agents = [{ objectType: 'contextAgent', agent: minimal.actor, relevantTypes: [] }];
    expect(validateStatements(having({ context: { contextAgents: agents } }), '2.0')).toMatchObject([
      { path: 'context.contextAgents[0].relevantTypes' },
    ]);
  });

  test.each(['text/plain; a="b\r\nX-Evil: 1"', 'text/plain;\n a=b'])(
    'a media type has no line breaks: %j',
    (contentType) => {
      expect(validateStatements(having({ attachments: [{ ...attachment, contentType }] }))).toMatchObject([
        { path: 'attachments[0].contentType' },
      ]);
    },
  );

  test('context agents go with 2.0 only', () => {
    const agents = [{ objectType: 'contextAgent', agent: minimal.actor, relevantTypes: ['urn:x:y'] }];
    const value = having({ context: { contextAgents: agents } });
    expect(validateStatements(value, '2.0')).toEqual([]);
    expect(validateStatements(value, '1.0')).toMatchObject([{ path: 'context.contextAgents' }]);
  });
});

describe('a fault is named by path and paragraph', () => {
  const cases: [string, unknown, string, string][] = [
    ['no actor', having({ actor: undefined }), 'actor', 'Data 2.4'],
    ['no verb', having({ verb: undefined }), 'verb', 'Data 2.4'],
    ['no object', having({ object: undefined }), 'object', 'Data 2.4'],
    ['an unknown property', having({ mood: 'good' }), 'mood', 'Data 2.2'],
    ['wrong case', having({ Timestamp: '2026-11-21T10:00:00Z' }), 'Timestamp', 'Data 2.2'],
    ['null', having({ result: null }), 'result', 'Data 2.4.5'],
    ['null deeper', having({ result: { success: null } }), 'result.success', 'Data 2.4.5'],
    ['a string for a boolean', having({ result: { success: 'true' } }), 'result.success', 'Data 2.4.5'],
    ['an id that is no UUID', having({ id: 'one' }), 'id', 'Data 2.4.1'],
    [
      'two identifiers',
      having({ actor: { mbox: 'mailto:a@b.c', openid: 'urn:x:y' } }),
      'actor',
      'Data 2.4.2.3',
    ],
    ['no identifier', having({ actor: { name: 'Ada' } }), 'actor', 'Data 2.4.2.3'],
    ['mbox without mailto', having({ actor: { mbox: 'a@b.c' } }), 'actor.mbox', 'Data 2.4.2.3'],
    [
      'half a character in an mbox',
      having({ actor: { mbox: 'mailto:a\ud800@b.c' } }),
      'actor.mbox',
      'Data 2.4.2.3',
    ],
    [
      'half a character in the host of an mbox',
      having({ actor: { mbox: 'mailto:a@b\udc00.c' } }),
      'actor.mbox',
      'Data 2.4.2.3',
    ],
    ['U+0000 in an mbox', having({ actor: { mbox: 'mailto:a\u0000@b.c' } }), 'actor.mbox', 'Data 2.4.2.3'],
    ['a short SHA-1', having({ actor: { mbox_sha1sum: 'abc' } }), 'actor.mbox_sha1sum', 'Data 2.4.2.3'],
    [
      'account without name',
      having({ actor: { account: { homePage: 'urn:x:y' } } }),
      'actor.account.name',
      'Data 2.4.2.4',
    ],
    [
      'half a character in the name of an account',
      having({ actor: { account: { homePage: 'urn:x:y', name: 'a\udfff' } } }),
      'actor.account.name',
      'Data 2.4.2.4',
    ],
    [
      'members of an agent',
      having({ actor: { mbox: 'mailto:a@b.c', member: [] } }),
      'actor.member',
      'Data 2.2',
    ],
    ['a group of nobody', having({ actor: { objectType: 'Group' } }), 'actor', 'Data 2.4.2.2'],
    [
      'a group in a group',
      having({ actor: { objectType: 'Group', member: [{ objectType: 'Group', mbox: 'mailto:a@b.c' }] } }),
      'actor.member[0].objectType',
      'Data 2.4.2.1',
    ],
    ['a verb that is no IRI', having({ verb: { id: 'completed' } }), 'verb.id', 'Data 2.4.3'],
    [
      'a bad language',
      having({ verb: { id: 'urn:x:y', display: { e: 'x' } } }),
      'verb.display.e',
      'Data 4.2',
    ],
    ['an activity without id', having({ object: { objectType: 'Activity' } }), 'object.id', 'Data 2.4.4.1'],
    ['half a character in an id', having({ object: { id: 'urn:x:\ud800' } }), 'object.id', 'Data 2.4.4.1'],
    [
      'an unknown objectType',
      having({ object: { objectType: 'activity', id: 'urn:x:y' } }),
      'object.objectType',
      'Data 2.4.4',
    ],
    [
      'choices without interactionType',
      definition({ choices: [] }),
      'object.definition.interactionType',
      'Data 2.4.4.1',
    ],
    [
      'one component id twice',
      definition({ interactionType: 'choice', choices: [{ id: 'a' }, { id: 'a' }] }),
      'object.definition.choices',
      'Data 2.4.4.1',
    ],
    [
      'an extension that is no IRI',
      definition({ extensions: { here: 1 } }),
      'object.definition.extensions.here',
      'Data 4.1',
    ],
    ['scaled over 1', having({ result: { score: { scaled: 1.01 } } }), 'result.score.scaled', 'Data 2.4.5.1'],
    ['raw over max', having({ result: { score: { raw: 11, max: 10 } } }), 'result.score.raw', 'Data 2.4.5.1'],
    ['min over max', having({ result: { score: { min: 11, max: 10 } } }), 'result.score.min', 'Data 2.4.5.1'],
    ['a duration in words', having({ result: { duration: '1 hour' } }), 'result.duration', 'Data 4.6'],
    ['an empty duration', having({ result: { duration: 'PT' } }), 'result.duration', 'Data 4.6'],
    ['an early fraction', having({ result: { duration: 'PT1.5H2M' } }), 'result.duration', 'Data 4.6'],
    ['minus zero', having({ timestamp: '2026-11-21T10:00:00-00:00' }), 'timestamp', 'Data 2.4.7'],
    ['minus zero, short', having({ timestamp: '2026-11-21T10:00:00-00' }), 'timestamp', 'Data 2.4.7'],
    ['February 30', having({ timestamp: '2026-02-30T10:00:00Z' }), 'timestamp', 'Data 2.4.7'],
    ['only a date', having({ timestamp: '2026-02-20' }), 'timestamp', 'Data 2.4.7'],
    ['a registration', having({ context: { registration: 'x' } }), 'context.registration', 'Data 2.4.6.1'],
    [
      'team as an agent',
      having({ context: { team: minimal.actor } }),
      'context.team.objectType',
      'Data 2.4.2.2',
    ],
    [
      'platform without an activity',
      having({ object: { objectType: 'Agent', mbox: 'mailto:a@b.c' }, context: { platform: 'x' } }),
      'context',
      'Data 2.4.6',
    ],
    [
      'an unknown kind of context activity',
      having({ context: { contextActivities: { uncle: [] } } }),
      'context.contextActivities.uncle',
      'Data 2.2',
    ],
    [
      'voiding an activity',
      having({ verb: { id: 'http://adlnet.gov/expapi/verbs/voided' } }),
      'object',
      'Data 2.3.2',
    ],
    [
      'a SubStatement in a SubStatement',
      having({ object: { ...minimal, objectType: 'SubStatement', object: { objectType: 'SubStatement' } } }),
      'object.object.objectType',
      'Data 2.4.4',
    ],
    [
      'a SubStatement with an id',
      having({ object: { ...minimal, objectType: 'SubStatement', id: uuid } }),
      'object.id',
      'Data 2.2',
    ],
    ['version 0.95', having({ version: '0.95' }), 'version', 'Data 2.4.10'],
    [
      'an authority of three',
      having({ authority: { objectType: 'Group', member: [1, 2, 3].map(() => minimal.actor) } }),
      'authority',
      'Data 2.4.9',
    ],
    [
      'an attachment without sha2',
      having({ attachments: [{ ...attachment, sha2: undefined }] }),
      'attachments[0].sha2',
      'Data 2.4.11',
    ],
    [
      'half a byte',
      having({ attachments: [{ ...attachment, length: 0.5 }] }),
      'attachments[0].length',
      'Data 2.4.11',
    ],
    [
      'no media type',
      having({ attachments: [{ ...attachment, contentType: 'pdf' }] }),
      'attachments[0].contentType',
      'Data 2.4.11',
    ],
    ['a statement that is a number', 3, '', 'Data 2.4'],
    ['a prototype', JSON.parse('{"__proto__": {"id": 1}}'), '__proto__', 'Data 2.2'],
    [
      'a score beyond a double',
      { ...minimal, result: { score: { raw: Infinity } } },
      'result.score.raw',
      'Data 2.4.5.1',
    ],
  ];

  test.each(cases)('%s', (_name, value, path, spec) => {
    expect(validateStatements(value)).toContainEqual({ path, spec, reason: expect.any(String) });
  });

  test('in an array with the index of the statement', () => {
    const faults = validateStatements([minimal, having({ actor: { mbox: 'x' } }), having({ verb: {} })]);
    expect(faults.map((fault) => fault.path)).toEqual(['[1].actor.mbox', '[2].verb.id']);
  });

  test('and never more than a hundred of them', () => {
    expect(validateStatements(Array.from({ length: 500 }, () => 1))).toHaveLength(100);
  });

  test('wherever a valid statement gains an unknown property', () => {
    fc.assert(
      fc.property(statement, (each) => {
        const actor = { ...(each['actor'] as Json), surprise: 1 };
        expect(validateStatements({ ...each, actor })).toMatchObject([{ path: 'actor.surprise' }]);
      }),
    );
  });

  test('wherever a valid statement has a null for a property', () => {
    fc.assert(
      fc.property(statement, fc.nat(), (each, seed) => {
        const keys = Object.keys(each);
        const key = keys[seed % keys.length] ?? 'actor';
        expect(validateStatements({ ...each, [key]: null })[0]?.path).toBe(key);
      }),
    );
  });
});

test('the members seen in the values are the members in the text', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), fc.constantFrom(0, 2, '\t'), (batch, indent) => {
      const text = JSON.stringify(batch, null, indent);
      expect(inspectStatements(JSON.parse(text)).members).toBe(scanJson(text).members);
    }),
  );
});
