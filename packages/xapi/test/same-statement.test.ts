import { describe, expect, test } from '@jest/globals';
import { isSameStatement, type Statement } from '../src/index.ts';

const sent = {
  id: '7c1c5a4e-0a3b-4f6c-9d0e-2b1a0c9d8e7f',
  actor: { mbox: 'mailto:Ada@example.org', name: 'Ada' },
  verb: { id: 'urn:v:did', display: { en: 'did' } },
  object: { id: 'urn:o:1', definition: { name: { en: 'One' } } },
  timestamp: '2026-11-21T10:00:00.5Z',
  result: { duration: 'PT1H0.126S', score: { raw: 1 } },
  context: {
    registration: 'AAAAAAAA-0a3b-4f6c-9d0e-2b1a0c9d8e7f',
    contextActivities: { parent: { id: 'urn:o:2' } },
    team: { objectType: 'Group', member: [{ mbox: 'mailto:a@b.c' }, { mbox: 'mailto:d@e.f' }] },
  },
} as const;

function with_(changes: Record<string, unknown>, of: Record<string, unknown> = sent): Statement {
  return JSON.parse(JSON.stringify({ ...of, ...changes })) as Statement;
}

const stamps = {
  stored: '2026-11-22T10:00:00.000000Z',
  version: '1.0.0',
  authority: { account: { homePage: 'http://lyceum.example/xapi', name: 'lrskey_1' } },
};

describe('is the same (Data 2.3.1)', () => {
  const cases: [string, Record<string, unknown>][] = [
    ['with the stamps of an LRS', stamps],
    ['with another display of the verb', { verb: { id: 'urn:v:did', display: { de: 'tat' } } }],
    ['with another definition of the activity', { object: { id: 'urn:o:1' } }],
    ['with its timestamp in another zone', { timestamp: '2026-11-21T11:00:00.500+01:00' }],
    [
      'with the domain of an address in another case',
      { actor: { ...sent.actor, mbox: 'mailto:Ada@EXAMPLE.org' } },
    ],
    [
      'with the types of activity and actor said',
      { object: { objectType: 'Activity', id: 'urn:o:1' }, actor: { ...sent.actor, objectType: 'Agent' } },
    ],
    ['with its id in upper case', { id: sent.id.toUpperCase() }],
    [
      'with the members of a group in another order, a list of one activity, a registration in lower case',
      {
        context: {
          team: { member: [{ mbox: 'mailto:d@e.f' }, { mbox: 'mailto:a@b.c' }], objectType: 'Group' },
          contextActivities: { parent: [{ id: 'urn:o:2', definition: { type: 'urn:t:t' } }] },
          registration: 'aaaaaaaa-0a3b-4f6c-9d0e-2b1a0c9d8e7f',
        },
      },
    ],
    [
      'with a duration that differs beyond hundredths',
      { result: { score: { raw: 1.0 }, duration: 'PT1H0.12S' } },
    ],
  ];
  test.each(cases)('%s', (_name, changes) => {
    expect(isSameStatement(with_(changes), with_(stamps))).toBe(true);
    expect(isSameStatement(with_(stamps), with_({ ...stamps, ...changes }))).toBe(true);
  });

  test('without a timestamp, when the one that is kept was given by the LRS', () => {
    const bare = with_({ timestamp: undefined });
    expect(isSameStatement(bare, with_({ ...stamps, timestamp: stamps.stored }))).toBe(true);
  });

  test('with attachments that lie elsewhere', () => {
    const attachment = {
      usageType: 'urn:u:u',
      display: { en: 'x' },
      contentType: 'text/plain',
      length: 1,
      sha2: 'AB',
    };
    const attachments = [{ ...attachment, fileUrl: 'http://a.example/x', sha2: 'ab' }];
    expect(isSameStatement(with_({ attachments: [attachment] }), with_({ attachments }))).toBe(true);
  });
});

describe('is another', () => {
  const cases: [string, Record<string, unknown>][] = [
    ['actor', { actor: { mbox: 'mailto:bob@example.org', name: 'Ada' } }],
    ['local part, which has a case', { actor: { ...sent.actor, mbox: 'mailto:ada@example.org' } }],
    ['name', { actor: { ...sent.actor, name: 'Augusta' } }],
    ['verb', { verb: { id: 'urn:v:other' } }],
    ['activity', { object: { id: 'urn:o:2' } }],
    ['kind of object', { object: { objectType: 'StatementRef', id: sent.id } }],
    ['instant', { timestamp: '2026-11-21T10:00:00.500001Z' }],
    ['score', { result: { ...sent.result, score: { raw: 2 } } }],
    ['duration, though it is as long', { result: { ...sent.result, duration: 'PT60M0.126S' } }],
    ['extension, in the order of a list', { result: { ...sent.result, extensions: { 'urn:x:x': [2, 1] } } }],
    ['member named __proto__', JSON.parse('{"result":{"extensions":{"urn:x:x":{"__proto__":1}}}}') as never],
    ['context: less', { context: { registration: sent.context.registration } }],
    [
      'member of a group more',
      { context: { ...sent.context, team: { objectType: 'Group', member: [{ mbox: 'mailto:a@b.c' }] } } },
    ],
  ];
  test.each(cases)('%s', (_name, changes) => {
    expect(isSameStatement(with_(changes), with_(stamps))).toBe(false);
  });

  test('attachment', () => {
    const attachment = { usageType: 'urn:u:u', display: { en: 'x' }, contentType: 'text/plain', length: 1 };
    const kept = with_({ ...stamps, attachments: [{ ...attachment, sha2: 'ab' }] });
    expect(isSameStatement(with_({ attachments: [{ ...attachment, sha2: 'cd' }] }), kept)).toBe(false);
  });

  test('within a SubStatement', () => {
    const object = (name: string) => ({
      objectType: 'SubStatement',
      actor: { mbox: 'mailto:a@b.c' },
      verb: { id: 'urn:v:v', display: { en: name } },
      object: { id: `urn:o:${name}` },
    });
    expect(isSameStatement(with_({ object: object('a') }), with_({ object: object('b') }))).toBe(false);
    const other = { ...object('a'), verb: { id: 'urn:v:v' } };
    expect(isSameStatement(with_({ object: object('a') }), with_({ object: other }))).toBe(true);
  });
});
