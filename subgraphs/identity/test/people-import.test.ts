import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { logIn, runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { endOfImport, sendFile, type UserImport } from './kit/people-file.ts';
import { publishedEvents } from './kit/published-events.ts';
import { askForToken } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let school: Organisation;
let token: string;

beforeAll(async () => {
  identity = await runIdentity();
});
afterAll(() => identity.stop());

/** A school of its own, whose administrator asks. */
async function newSchool(slug: string): Promise<GraphQLClient> {
  school = await identity.organisation(slug);
  const input = {
    name: 'Head',
    email: `head@${slug}.example`,
    password: 'lyceum-demo-head',
    roles: ['ADMIN'],
  };
  await school.admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', {
    input,
  });
  ({ accessToken: token } = await logIn(graphqlClient(identity.url), input.email, input.password));
  return graphqlClient(identity.url, token);
}

async function importing(
  ask: GraphQLClient,
  file: string | Uint8Array<ArrayBuffer>,
  query: Record<string, string> = {},
): Promise<UserImport> {
  const answer = await sendFile(identity.url, token, file, query);
  expect(answer.status).toBe(202);
  return endOfImport(ask, ((await answer.json()) as { id: string }).id);
}

interface Person {
  id: string;
  name: string;
  email: string;
  roles: string[];
  groups: { nodes: { name: string }[] };
}

async function people(ask: GraphQLClient, search: string): Promise<Person[]> {
  const { data } = await ask<{ users: { nodes: Person[] } }>(
    `query ($search: String) { users(filter: { search: $search }, first: 100) {
      nodes { id name email roles groups { nodes { name } } } } }`,
    { search },
  );
  return data.users.nodes;
}

const counts = ({ rows, created, updated, unchanged, faultyRows }: UserImport) => ({
  rows,
  created,
  updated,
  unchanged,
  faultyRows,
});

describe('an import', () => {
  test('of an API client that may do what it gives is done, in its name', async () => {
    const ask = await newSchool('program');
    const { data } = await ask<{
      apiClientCreate: { apiClient: { id: string }; secret: string };
    }>(
      `mutation { apiClientCreate(input: { name: "Registry", permissions: ["ADMIN", "AUTHOR", "INSTRUCTOR", "LEARNER"] }) {
        apiClient { id } secret } }`,
    );
    const { apiClient, secret } = data.apiClientCreate;
    const credentials = { client_id: apiClient.id, client_secret: secret };
    const { body } = await askForToken(identity, { grant_type: 'client_credentials', ...credentials });
    token = body.access_token;
    const file = 'email,name\nann@program.example,Ann\n';
    expect(await importing(ask, file)).toMatchObject({ state: 'COMPLETED', created: 1 });
    const { data: audited } = await ask('{ auditEvents(first: 2) { nodes { act actorKind } } }');
    expect(audited).toEqual({
      auditEvents: {
        nodes: [
          { act: 'people-import.finish', actorKind: 'API_CLIENT' },
          { act: 'people.import', actorKind: 'API_CLIENT' },
        ],
      },
    });
  });

  test('takes no row that names groups by the dozen', async () => {
    const ask = await newSchool('groups');
    const names = (count: number) => Array.from({ length: count }, (_, place) => `Group ${place}`).join(';');
    const file = `email,name,groups\nann@groups.example,Ann,${names(50)}\nben@groups.example,Ben,${names(51)}\n`;
    expect(await importing(ask, file)).toMatchObject({
      created: 1,
      faultyRows: 1,
      faults: { nodes: [{ line: 3, column: 'groups' }] },
    });
  });

  test('takes people in with their roles and groups, tells of each, and does nothing the second time', async () => {
    const ask = await newSchool('first');
    const file = [
      'external_id,email,name,given_name,family_name,roles,groups,locale',
      '1,Ann@first.example,Ann Abel,Ann,Abel,learner,Year 7;Choir,en-gb',
      '2,ben@first.example,"Ben ""B"" Boer",Ben,Boer,AUTHOR;INSTRUCTOR,Year 7,',
    ].join('\n');
    expect(await importing(ask, file)).toMatchObject({ state: 'COMPLETED', created: 2, faultCount: 0 });
    const [ann] = await people(ask, 'ann@first');
    expect(ann).toMatchObject({
      name: 'Ann Abel',
      roles: ['LEARNER'],
      groups: { nodes: [{ name: 'Choir' }, { name: 'Year 7' }] },
    });
    expect(await people(ask, 'ben@first')).toMatchObject([
      { name: 'Ben "B" Boer', roles: ['AUTHOR', 'INSTRUCTOR'] },
    ]);
    expect(counts(await importing(ask, file))).toMatchObject({
      rows: 2,
      created: 0,
      updated: 0,
      unchanged: 2,
    });
    const events = await publishedEvents(identity, (known) => {
      expect(known.filter(({ subject }) => subject === ann!.id)).toHaveLength(2);
    });
    expect(events.filter(({ subject }) => subject === ann!.id).map(({ type }) => type)).toEqual([
      'user.registered',
      'membership.changed',
    ]);
  });

  test('changes whom it knows by the external id or by the address, and tells of other roles only', async () => {
    const ask = await newSchool('second');
    await importing(ask, 'external_id,email,name\n7,cem@second.example,Cem\n,dot@second.example,Dot\n');
    const changed = await importing(
      ask,
      'external_id,email,name,roles\n7,cem@second.example,Cem C,INSTRUCTOR\n8,dot@second.example,Dot,\n',
    );
    expect(counts(changed)).toMatchObject({ created: 0, updated: 2 });
    const [cem] = await people(ask, 'cem@second');
    expect(cem).toMatchObject({ name: 'Cem C', roles: ['INSTRUCTOR'] });
    const [dot] = await people(ask, 'dot@second');
    await publishedEvents(identity, (known) => {
      const told = (id: string) =>
        known.filter(({ subject, type }) => subject === id && type === 'membership.changed');
      expect([told(cem!.id).length, told(dot!.id).length]).toEqual([2, 1]);
    });
  });

  test('gives who has an account elsewhere the same id, and changes nothing there', async () => {
    const ask = await newSchool('third');
    await importing(ask, 'email,name\nlearner@lyceum.example,Another Name\n');
    const demo = await identity.loggedIn('learner');
    const { data } = await demo<{ viewer: { user: Person } }>('{ viewer { user { id name } } }');
    expect(data.viewer.user.name).toBe('Dilnoza Karimova');
    expect(await people(ask, 'learner@lyceum')).toMatchObject([
      { id: data.viewer.user.id, name: 'Another Name' },
    ]);
  });

  test('that is a dry run writes nothing but what it would do', async () => {
    const ask = await newSchool('fourth');
    const file = 'email,name,groups\nann@fourth.example,Ann,New\nno address,Ben,\n';
    const dry = await importing(ask, file, { dryRun: 'true' });
    expect(dry).toMatchObject({ state: 'COMPLETED', created: 1, faultyRows: 1 });
    expect(await people(ask, 'fourth.example')).toMatchObject([{ name: 'Head' }]);
    const { data } = await ask<{ groups: { totalCount: number } }>('{ groups { totalCount } }');
    expect(data.groups.totalCount).toBe(0);
  });

  test('names each fault by line and column, and takes the other rows', async () => {
    const ask = await newSchool('fifth');
    const file = [
      'external_id,email,name,roles,locale',
      '1,ann@fifth.example,"Ann\nAbel",,',
      '2,no address,,TEACHER,not_a_locale!',
      '3,ben@fifth.example,Ben,,',
      '3,ben2@fifth.example,Ben,,',
      '4,BEN@fifth.example,Ben,,',
      '5,too,few',
      '',
      '6,head@fifth.example,Head,LEARNER,',
      '7,cem@fifth.example,Cem,,',
    ].join('\n');
    const { faults, ...ended } = await importing(ask, file);
    expect(ended).toMatchObject({ state: 'COMPLETED', created: 2, faultyRows: 6, faultCount: 9 });
    expect(faults.nodes.map(({ line, column }) => [line, column])).toEqual([
      [2, 'name'],
      [4, 'email'],
      [4, 'name'],
      [4, 'roles'],
      [4, 'locale'],
      [6, 'external_id'],
      [7, 'email'],
      [8, null],
      [10, 'roles'],
    ]);
    expect(faults.nodes[5]!.reason).toBe('Line 5 has the same.');
    expect(await people(ask, 'fifth.example')).toMatchObject([
      { name: 'Ben' },
      { name: 'Cem' },
      { roles: ['ADMIN'] },
    ]);
  });

  test('changes no address and no external id', async () => {
    const ask = await newSchool('sixth');
    await importing(ask, 'external_id,email,name\n1,ann@sixth.example,Ann\n2,ben@sixth.example,Ben\n');
    const { faults } = await importing(
      ask,
      'external_id,email,name\n1,other@sixth.example,Ann\n3,ben@sixth.example,B\n',
    );
    expect(faults.nodes).toMatchObject([
      { line: 2, column: 'email' },
      { line: 3, column: 'external_id' },
    ]);
    expect(await people(ask, 'sixth.example')).toHaveLength(3);
  });

  test('takes back who was removed', async () => {
    const ask = await newSchool('seventh');
    const file = 'email,name\nann@seventh.example,Ann\n';
    await importing(ask, file);
    const [{ id: userId } = { id: '' }] = await people(ask, 'ann@seventh');
    await ask('mutation ($input: MembershipRemoveInput!) { membershipRemove(input: $input) { userId } }', {
      input: { userId },
    });
    expect(counts(await importing(ask, file))).toMatchObject({ updated: 1 });
    expect(await people(ask, 'ann@seventh')).toMatchObject([{ id: userId, roles: ['LEARNER'] }]);
  });

  test.each([
    ['a byte order mark, CRLF and semicolons', '\uFEFFemail;name\r\nann@%;"Ann; A"\r\nben@%;Ben\r\n'],
    ['no line break at the end, and other columns first', 'locale,name,email\nfr,"Ann; A",ann@%\n,Ben,ben@%'],
    ['lines that are empty, and spaces', 'email , name\n\n ann@% , "Ann; A" \n\nben@%,Ben\n\n'],
    ['cells that a spreadsheet takes for formulas', "email,name\nann@%,'=1+1\nben@%,@Ben\n"],
  ])('reads %s', async (_case, text) => {
    const slug = `read${Math.random().toString(36).slice(2, 10)}`;
    const ask = await newSchool(slug);
    const ended = await importing(ask, text.replaceAll('%', `${slug}.example`));
    expect(ended).toMatchObject({ state: 'COMPLETED', created: 2, faultCount: 0 });
    const names = (await people(ask, `${slug}.example`)).map(({ name }) => name);
    expect([
      ['=1+1', '@Ben', 'Head'],
      ['Ann; A', 'Ben', 'Head'],
    ]).toContainEqual(names.sort());
  });

  test.each([
    ['a column that there is not', 'email,name,shoe_size\n', 'shoe_size'],
    ['no column email', 'name,locale\nA,fr\n', 'email'],
    ['a column twice', 'email,name,email\n', 'twice'],
    ['a quote that is not closed', 'email,name\n"a@b.example,Ann\n', 'not CSV'],
  ])('of a file with %s fails, and says so', async (_case, file, said) => {
    const ask = await newSchool(`broken${Math.random().toString(36).slice(2, 10)}`);
    const ended = await importing(ask, file);
    expect(ended).toMatchObject({ state: 'FAILED', created: 0, failure: expect.stringContaining(said) });
  });

  test('of a file in another encoding says so in each cell', async () => {
    const ask = await newSchool('latin');
    const { faults } = await importing(
      ask,
      Uint8Array.from(Buffer.from('email,name\na@latin.example,Zo\xEB\n', 'latin1')),
    );
    expect(faults.nodes).toMatchObject([
      { line: 2, column: 'name', reason: expect.stringContaining('UTF-8') },
    ]);
  });
});

describe('a file of people', () => {
  test('is taken from administrators only, by who they are now', async () => {
    const file = 'email,name\n';
    expect((await sendFile(identity.url, 'no token', file)).status).toBe(401);
    const { accessToken } = await logIn(graphqlClient(identity.url), 'instructor@lyceum.example');
    expect((await sendFile(identity.url, accessToken, file)).status).toBe(403);
    const ask = await newSchool('demoted');
    const { data } = await ask<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
    await school.admin(
      'mutation ($input: MembershipUpdateInput!) { membershipUpdate(input: $input) { user { id } } }',
      {
        input: { userId: data.viewer.user.id, roles: ['LEARNER'] },
      },
    );
    expect((await sendFile(identity.url, token, file)).status).toBe(403);
    const exported = await fetch(`${identity.url}/people/export.csv`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(exported.status).toBe(403);
  });

  test.each([
    ['another media type', { 'content-type': 'application/json' }, '{}', 415],
    ['none', { 'content-type': 'text/csv' }, '', 400],
  ])('that is %s is refused', async (_case, headers, body, status) => {
    await newSchool(`refused${Math.random().toString(36).slice(2, 10)}`);
    const answer = await fetch(`${identity.url}/people/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
    });
    expect(answer.status).toBe(status);
    // Nothing of it is under way: the next is taken.
    expect((await sendFile(identity.url, token, 'email,name\n')).status).toBe(202);
  });

  test('that was exported is imported elsewhere as it was, and changes nothing where it is from', async () => {
    const ask = await newSchool('round');
    const awkward = [
      'external_id,email,name,given_name,family_name,roles,groups,locale',
      `=1,ann@round.example,"=HYPERLINK(""x"")",Ann,"A, ""A""",AUTHOR;LEARNER,B;A,de-CH`,
      `'=2,ben@round.example,'-Ben,+1,@b,INSTRUCTOR,A,`,
      `3,zoe@round.example,Zoë 名前 🎓,,,LEARNER,,`,
    ].join('\n');
    expect(await importing(ask, awkward)).toMatchObject({ created: 3, faultCount: 0 });
    const exported = async () => {
      const answer = await fetch(`${identity.url}/people/export.csv`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
      return answer.text();
    };
    const file = await exported();
    expect(file).toContain(`'=HYPERLINK`);
    expect(file.split(/[\n,]/).filter((cell) => /^"?[=+\-@]/.test(cell))).toEqual([]);
    expect(counts(await importing(ask, file))).toMatchObject({ created: 0, updated: 0, faultyRows: 0 });
    const there = await newSchool('there');
    const before = await exported();
    expect(await importing(there, file)).toMatchObject({ state: 'COMPLETED', faultCount: 0 });
    const after = await exported();
    const lines = (text: string) => text.trim().split('\n').slice(1);
    const own = lines(before);
    expect(
      lines(after)
        .filter((line) => !own.includes(line))
        .sort(),
    ).toEqual(lines(file).sort());
  });
});
