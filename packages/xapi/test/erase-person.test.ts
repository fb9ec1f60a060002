import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  comparableKey,
  decodeStatementBatch,
  encodeStatementBatch,
  erasedLine,
  erasedStatement,
  erasePerson,
  statementColumns,
  type ErasedPerson,
  type Statement,
} from '@lyceum/xapi';

const homePage = 'https://lyceum.example';
const sha1 = createHash('sha1').update('mailto:ada@example.org').digest('hex');
const keys = new Set(['mailto:ada@example.org', `sha1:${sha1}`, `account:${homePage}|user_ada`]);
const ada: ErasedPerson = {
  isNamedBy: (key) => keys.has(key),
  pseudonym: { homePage, name: 'user_ada' },
};
const pseudonym = `{"objectType":"Agent","account":{"homePage":"${homePage}","name":"user_ada"}}`;
const rest = '"verb":{"id":"http://verb"},"object":{"id":"http://object"}';

/** Text in, text out, as it is written. */
const cases: [name: string, before: string, after: string][] = [
  [
    'an mbox',
    `{"actor":{"name":"Ada","mbox":"mailto:ada@example.org"},${rest}}`,
    `{"actor":${pseudonym},${rest}}`,
  ],
  [
    'an mbox in other case',
    `{"actor":{"mbox":"mailto:Ada@Example.ORG"},${rest}}`,
    `{"actor":${pseudonym},${rest}}`,
  ],
  [
    'an mbox with escapes',
    `{"actor":{"\\u006dbox":"mailto:ada\\u0040example.org"},${rest}}`,
    `{"actor":${pseudonym},${rest}}`,
  ],
  [
    'the SHA-1 of an mbox',
    `{"actor":{"mbox_sha1sum":"${sha1.toUpperCase()}"},${rest}}`,
    `{"actor":${pseudonym},${rest}}`,
  ],
  [
    'the account, with a name',
    `{"actor":{"account":{"name":"user_ada","homePage":"${homePage}"},"name":"Ada"},${rest}}`,
    `{"actor":${pseudonym},${rest}}`,
  ],
  [
    'a member of a group, whose others stay to the byte',
    `{"actor":{"objectType":"Group","name":"Team","member":[{"mbox":"mailto:bo@example.org", "name":"Bo"} ,{"mbox":"mailto:ada@example.org"}]},${rest}}`,
    `{"actor":{"objectType":"Group","name":"Team","member":[{"mbox":"mailto:bo@example.org", "name":"Bo"},${pseudonym}]},${rest}}`,
  ],
  [
    'a group that has the address of the person',
    `{"actor":{"objectType":"Group","name":"Ada's","mbox":"mailto:ada@example.org","member":[]},${rest}}`,
    `{"actor":{"objectType":"Group","member":[],"account":{"homePage":"${homePage}","name":"user_ada"}},${rest}}`,
  ],
  [
    'an object that is an Agent',
    `{"actor":{"mbox":"mailto:bo@example.org"},"verb":{"id":"http://v"},"object":{"objectType":"Agent","mbox":"mailto:ada@example.org"}}`,
    `{"actor":{"mbox":"mailto:bo@example.org"},"verb":{"id":"http://v"},"object":${pseudonym}}`,
  ],
  [
    'instructor, team, and agents of the context, and an authority',
    `{"actor":{"mbox":"mailto:bo@example.org"},${rest},"context":{"platform":"P","instructor":{"mbox":"mailto:ada@example.org"},"team":{"objectType":"Group","member":[{"mbox":"mailto:ada@example.org"}]},"contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"mailto:ada@example.org"}}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","member":[{"mbox":"mailto:ada@example.org"}]}}]},"authority":{"mbox":"mailto:ada@example.org"}}`,
    `{"actor":{"mbox":"mailto:bo@example.org"},${rest},"context":{"platform":"P","instructor":${pseudonym},"team":{"objectType":"Group","member":[${pseudonym}]},"contextAgents":[{"objectType":"contextAgent","agent":${pseudonym}}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","member":[${pseudonym}]}}]},"authority":${pseudonym}}`,
  ],
  [
    'the words of their own statement; its numbers stay to the digit',
    `{"actor":{"mbox":"mailto:ada@example.org"},${rest},"result":{"score":{"raw":12345678901234567890.10, "scaled":1e0},"response":"My essay","extensions":{"http://e/n":1E400,"http://e/t":["x"]}},"attachments":[{"sha2":"x"}],"timestamp":"2026-01-01T00:00:00Z"}`,
    `{"actor":${pseudonym},${rest},"result":{"score":{"raw":12345678901234567890.10, "scaled":1e0},"extensions":{"http://e/n":1E400}},"timestamp":"2026-01-01T00:00:00Z"}`,
  ],
  [
    'a SubStatement of theirs, in a statement of somebody else, whose words stay',
    `{"actor":{"mbox":"mailto:bo@example.org"},"verb":{"id":"http://v"},"object":{"objectType":"SubStatement","actor":{"mbox":"mailto:ada@example.org"},${rest},"result":{"response":"Ada's"}},"result":{"response":"Bo's"}}`,
    `{"actor":{"mbox":"mailto:bo@example.org"},"verb":{"id":"http://v"},"object":{"objectType":"SubStatement","actor":${pseudonym},${rest},"result":{}},"result":{"response":"Bo's"}}`,
  ],
  [
    "an extension of somebody else's statement that has the address",
    `{"actor":{"mbox":"mailto:bo@example.org"},${rest},"context":{"instructor":{"mbox":"mailto:ada@example.org"},"extensions":{"http://e/cc":{"to":"<ADA@example.org>"},"http://e/other":"kept"}}}`,
    `{"actor":{"mbox":"mailto:bo@example.org"},${rest},"context":{"instructor":${pseudonym},"extensions":{"http://e/other":"kept"}}}`,
  ],
];

describe('erasing a person from a statement replaces', () => {
  test.each(cases)('%s', (_name, before, after) => {
    expect(erasePerson(before, ada)).toBe(after);
    expect(erasePerson(after, ada)).toBe(after);
    expect(erasedStatement(after, ada)).toBeNull();
  });
});

test('a statement without the person is left alone, white space and all', () => {
  const text = `{ "actor" : {"mbox":"mailto:bo@example.org"} , ${rest}, "result":{"response":"ada@example.org"} }`;
  expect(erasePerson(text, ada)).toBe(text);
});

test('a line of the log gets the columns that its new text gives', () => {
  const statement: Statement = {
    actor: {
      objectType: 'Group',
      member: [{ mbox: 'mailto:Ada@example.org' }, { mbox: 'mailto:bo@example.org' }],
    },
    verb: { id: 'http://v' },
    object: { id: `http://a/it's\\a` },
  };
  const text = JSON.stringify(statement);
  const stored = '2026-11-21T10:00:00.000001Z';
  const stamped = {
    id: 'c0ffee00-0000-4000-8000-000000000000',
    idMade: true,
    stored,
    timestamp: stored,
    authority: 'k',
    text,
    statement,
  };
  const { value, headers } = encodeStatementBatch({
    organisationId: 'org_a',
    publicUrl: homePage,
    statements: [stamped],
  });
  const line = value.toString().slice(0, -1);
  const erased = erasedLine(line, ada);
  const changed = erased
    .split('\t')
    .map((column, index) => (column === line.split('\t')[index] ? '' : statementColumns[index]));
  expect(changed.filter(Boolean)).toEqual(['related_agents', 'authority', 'statement']);
  expect(erased).toContain(`['account:${homePage}|user_ada','mailto:bo@example.org']`);
  expect(decodeStatementBatch({ value: `${erased}\n`, headers }).statements[0]?.parse().object).toEqual(
    statement.object,
  );
});

test('keys of mailboxes are compared without their case, others to the letter', () => {
  expect(comparableKey('MAILTO:Ada@X')).toBe('mailto:ada@x');
  expect(comparableKey('account:https://H|User')).toBe('account:https://H|User');
});
