import { memoryStorage, RequestFailed, SessionEnded, Unreachable, type LyceumClient } from '@lyceum/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { eventually } from './kit/eventually.ts';
import { createFrontend, operation } from './kit/frontend.ts';
import { sessionOf, startGateway, testVerifier, type TestGateway } from './kit/gateway.ts';
import { startLogin, type Login } from './kit/login.ts';
import { startSchool, type School } from './kit/school.ts';

// The sessions of @lyceum/client, over a real gateway.

let login: Login;
let school: School;
let gateway: TestGateway;
/** Access tokens that the gateway refuses although they are well. */
const refused = new Set<string>();
const ended = createEndedSessions();
const open: LyceumClient[] = [];
const me = operation<{ me: string | null }>('query Me { me }');
const rename = operation<{ rename: { name: string } }>(
  'mutation Rename { rename(id: "ben", name: "x") { name } }',
);
const password = 'lyceum-demo';

beforeAll(async () => {
  [login, school] = await Promise.all([startLogin(), startSchool()]);
  gateway = await startGateway([login.subgraph, ...school.all], {
    endedSessions: ended,
    verifier: {
      verify: (token) => testVerifier.verify(refused.has(token) ? 'forged' : token),
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await login.subgraph.stop();
  await school.stop();
});

let renewalsBefore: number;
const renewals = () => login.renewals() - renewalsBefore;

beforeEach(() => {
  renewalsBefore = login.renewals();
  login.lasting(600_000);
});

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

function frontend(options: Parameters<typeof createFrontend>[1] = {}): LyceumClient {
  const client = createFrontend(gateway.url, options);
  open.push(client);
  return client;
}

async function loggedIn(name: string, options: Parameters<typeof createFrontend>[1] = {}) {
  const client = frontend(options);
  expect(await client.session.logIn({ email: name, password })).toMatchObject({ outcome: 'tokens' });
  return client;
}

describe('a session', () => {
  test('begins with a login, goes with what is asked, and ends with a logout', async () => {
    const client = frontend();
    expect(await client.ask(me, {})).toEqual({ me: null });
    await client.session.logIn({ email: 'ada', password });
    expect(client.session.state.current()).toMatchObject({ status: 'logged-in' });
    expect(await client.ask(me, {})).toEqual({ me: 'ada' });
    await client.session.logOut();
    expect(client.session.state.current()).toEqual({ status: 'visitor' });
    expect(await client.ask(me, {})).toEqual({ me: null });
  });

  test('that is refused says why, and nobody is logged in', async () => {
    const client = frontend();
    expect(await client.session.logIn({ email: 'ada', password: 'wrong' })).toMatchObject({
      outcome: 'refused',
      userErrors: [{ code: 'CREDENTIALS_REFUSED', message: 'The e-mail address or the password is wrong.' }],
    });
    expect(client.session.state.current()).toEqual({ status: 'visitor' });
  });

  test('is there again when the page is loaded anew', async () => {
    const storage = memoryStorage();
    await loggedIn('ada', { storage });
    expect(await frontend({ storage }).ask(me, {})).toEqual({ me: 'ada' });
  });

  test('is none where something else stands under its name in the storage', async () => {
    const storage = memoryStorage();
    storage.setItem('lyceum.session', '{"accessToken": 1}');
    expect(await frontend({ storage }).ask(me, {})).toEqual({ me: null });
  });
});

describe('a token', () => {
  test('that is about to end is renewed once, however many ask', async () => {
    login.lasting(1_000);
    const client = await loggedIn('ada');
    login.lasting(600_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.ask(me, {})));
    expect(answers.every((answer) => answer.me === 'ada')).toBe(true);
    expect(renewals()).toBe(1);
  });

  test('that the gateway refuses is renewed, and what was asked is asked again, once', async () => {
    const client = await loggedIn('ada');
    refused.add(client.session.current()!.accessToken);
    school.people.received.length = 0;
    expect(await client.ask(rename, {})).toEqual({ rename: { name: 'Ben' } });
    expect(renewals()).toBe(1);
    expect(school.people.received.filter(({ query }) => query.startsWith('mutation'))).toHaveLength(1);
  });

  test('that is refused although it is new is an error, not a loop', async () => {
    ended.add(sessionOf('ghost'), new Date(Date.now() + 60_000));
    const client = await loggedIn('ghost');
    await expect(client.ask(me, {})).rejects.toMatchObject({
      name: 'RequestFailed',
      code: 'UNAUTHENTICATED',
    });
    expect(renewals()).toBe(1);
  });
});

describe('two tabs', () => {
  test('that renew in one moment spend the refresh token once', async () => {
    login.lasting(1_000);
    const storage = memoryStorage();
    const one = await loggedIn('ada', { storage });
    const other = frontend({ storage });
    login.lasting(600_000);
    expect(await Promise.all([one.ask(me, {}), other.ask(me, {})])).toEqual([{ me: 'ada' }, { me: 'ada' }]);
    expect(renewals()).toBe(1);
    expect(one.session.current()).toEqual(other.session.current());
  });

  test('are both logged out by one of them, and both in', async () => {
    const storage = memoryStorage();
    const one = await loggedIn('ada', { storage });
    const other = frontend({ storage });
    const states: string[] = [];
    other.session.state.onChange(() => states.push(other.session.state.current().status));
    await one.session.logOut();
    await eventually('the other one hears', () => states.length === 1);
    await one.session.logIn({ email: 'ben', password });
    await eventually('the other one hears', () => states.length === 2);
    expect(states).toEqual(['visitor', 'logged-in']);
    expect(await other.ask(me, {})).toEqual({ me: 'ben' });
  });
});

describe('a session that identity has ended', () => {
  test('is over here, and what was asked says so', async () => {
    login.lasting(1_000);
    const client = await loggedIn('ada');
    login.end('ada');
    await expect(client.ask(me, {})).rejects.toBeInstanceOf(SessionEnded);
    expect(client.session.state.current()).toEqual({ status: 'ended' });
    expect(renewals()).toBe(1);
  });

  test('by logging out everywhere is over in every browser', async () => {
    const here = await loggedIn('cleo');
    const there = await loggedIn('cleo');
    expect(await here.session.logOutEverywhere()).toBe(2);
    expect(here.session.state.current()).toEqual({ status: 'visitor' });
    refused.add(there.session.current()!.accessToken);
    await expect(there.ask(me, {})).rejects.toBeInstanceOf(SessionEnded);
  });
});

describe('while identity cannot be reached', () => {
  test('the session goes on, and what was asked says that it may be asked again', async () => {
    login.lasting(1_000);
    const client = await loggedIn('ada');
    login.lasting(600_000);
    login.subgraph.received.length = 0;
    login.subgraph.answerWith({ status: 500, text: 'down' });
    await expect(client.ask(me, {})).rejects.toBeInstanceOf(Unreachable);
    // It was tried several times.
    expect(login.subgraph.received.length).toBeGreaterThan(2);
    login.subgraph.answerWith(undefined);
    expect(client.session.state.current()).toMatchObject({ status: 'logged-in' });
    await eventually('it is asked again', async () => {
      try {
        return (await client.ask(me, {})).me === 'ada';
      } catch {
        return false;
      }
    });
  });

  test('nor anything else, that is an Unreachable', async () => {
    const client = createFrontend('http://127.0.0.1:9/graphql');
    await expect(client.ask(me, {})).rejects.toBeInstanceOf(Unreachable);
    client.close();
  });
});

test('what the graph refuses is an error with its code', async () => {
  const hidden = operation<object>('query Hidden { person(id: "hidden") { name } }');
  const failed: unknown = await frontend()
    .ask(hidden, {})
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(RequestFailed);
  expect(failed).toMatchObject({ code: 'FORBIDDEN', message: 'You may not know.' });
});
