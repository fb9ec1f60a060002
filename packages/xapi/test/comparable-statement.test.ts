import { describe, expect, test } from '@jest/globals';
import { comparableStatement, isSameInstant, type Statement } from '../src/index.ts';

const base = {
  actor: {
    objectType: 'Group',
    member: [{ mbox: 'mailto:ada@example.org' }, { openid: 'https://bob.example/' }],
  },
  verb: { id: 'urn:v:v', display: { en: 'did' } },
  object: { id: 'urn:o:o', definition: { name: { en: 'A thing' } } },
  result: { duration: 'PT1.234S', score: { scaled: 1 } },
  context: {
    registration: 'ec531277-b57b-4c15-8d91-d292c5b2b8f7',
    language: 'en-GB',
    contextActivities: { parent: { id: 'urn:p:p' } },
  },
};

/** The texts that a statement and a changed one compare by. */
function both(changes: object, edition: '1.0' | '2.0' = '1.0') {
  const compare = (statement: object) =>
    comparableStatement(statement as Statement, { edition, withAttachments: false });
  return [compare(base), compare({ ...base, ...changes })] as const;
}

describe('equal statements may differ', () => {
  test.each<[string, object]>([
    [
      'in what an LRS assigns',
      {
        id: 'ec531277-b57b-4c15-8d91-d292c5b2b8f7',
        stored: '2026-11-21T10:00:00Z',
        timestamp: '2026-11-21T10:00:00Z',
        authority: { mbox: 'mailto:a@b.c' },
        version: '1.0.0',
      },
    ],
    ['in the display of the verb', { verb: { id: 'urn:v:v' } }],
    [
      'in the definition and the type of the activity',
      { object: { objectType: 'Activity', id: 'urn:o:o', definition: {} } },
    ],
    ['in attachments', { attachments: [] }],
    [
      'in the order of members, and the case of a domain',
      {
        actor: {
          member: [
            { openid: 'https://bob.example/', objectType: 'Agent' },
            { mbox: 'MAILTO:ada@EXAMPLE.org' },
          ],
          objectType: 'Group',
        },
      },
    ],
    [
      'in the case of ids and languages, and one activity in a list',
      {
        context: {
          language: 'EN-gb',
          registration: 'EC531277-B57B-4C15-8D91-D292C5B2B8F7',
          contextActivities: { parent: [{ objectType: 'Activity', id: 'urn:p:p' }] },
        },
      },
    ],
  ])('%s', (_name, changes) => {
    const [one, other] = both(changes);
    expect(other).toBe(one);
  });
});

describe('statements are others by', () => {
  test.each<[string, object]>([
    ['the verb', { verb: { id: 'urn:v:w' } }],
    ['the activity', { object: { id: 'urn:o:p' } }],
    ['a member more', { actor: { ...base.actor, member: [...base.actor.member, { mbox: 'mailto:c@d.e' }] } }],
    ['the local part of an address', { actor: { mbox: 'mailto:Ada@example.org' } }],
    ['the result', { result: { duration: 'PT1.234S', score: { scaled: 0.5 } } }],
    ['the duration', { result: { ...base.result, duration: 'PT1.235S' } }],
    ['a context less', { context: undefined }],
    ['an extension', { result: { ...base.result, extensions: { 'urn:x:y': null } } }],
  ])('%s', (_name, changes) => {
    const [one, other] = both(changes);
    expect(other).not.toBe(one);
  });
});

test('in 2.0 durations compare by hundredths of a second, cut', () => {
  const [one, other] = both({ result: { ...base.result, duration: 'PT1.2399S' } }, '2.0');
  expect(other).toBe(one);
  const [, third] = both({ result: { ...base.result, duration: 'PT1.24S' } }, '2.0');
  expect(third).not.toBe(one);
});

test('an instant is the same in any zone', () => {
  expect(isSameInstant('2026-11-21T10:00:00Z', '2026-11-21 12:00:00+02:00')).toBe(true);
  expect(isSameInstant('2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000001Z')).toBe(false);
});
