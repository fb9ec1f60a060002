import { RequestFailed, SessionEnded, type LyceumClient } from '@lyceum/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { eventually } from './kit/eventually.ts';
import { createFrontend, look, operation, type Seen } from './kit/frontend.ts';
import { sessionOf, startGateway, type TestGateway } from './kit/gateway.ts';
import { startJournal, type Journal } from './kit/journal.ts';
import { startLogin, type Login } from './kit/login.ts';
import { initialised } from './kit/raw-socket.ts';
import { startSchool, type School } from './kit/school.ts';

// The subscriptions of @lyceum/client, over a real gateway that is stopped, started, and lets nobody in any more.

interface Added {
  readonly added: { readonly place: string; readonly entry: { readonly number: number } };
}

let login: Login;
let school: School;
let journal: Journal;
let gateway: TestGateway;
const ended = createEndedSessions();
const open: LyceumClient[] = [];
const entries = operation<Added>(`
  subscription Entries($from: String) { added: entryAdded(after: $from) { ...Place entry { number } } }
  fragment Place on EntryAdded { place: cursor }
`);
const withoutCursor = operation<{ entryAdded: { entry: { number: number } } }>(
  'subscription Blind { entryAdded { entry { number } } }',
);

const port = () => Number(new URL(gateway.origin).port);
const start = (at = 0) =>
  startGateway([login.subgraph, journal.subgraph, ...school.all], { endedSessions: ended }, at);

beforeAll(async () => {
  [login, school, journal] = await Promise.all([startLogin(), startSchool(), startJournal()]);
  gateway = await start();
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([login.subgraph.stop(), school.stop(), journal.subgraph.stop()]);
});

beforeEach(() => {
  login.lasting(600_000);
  journal.subgraph.connections.length = 0;
  journal.subgraph.pings.length = 0;
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await eventually('no subscription is left at the subgraph', () => journal.subgraph.live() === 0);
});

async function loggedIn(name: string, options: Parameters<typeof createFrontend>[1] = {}) {
  const client = createFrontend(gateway.url, options);
  open.push(client);
  await client.session.logIn({ email: name, password: 'lyceum-demo' });
  return client;
}

const isLive = (count = 1) => eventually(`${count} at the subgraph`, () => journal.subgraph.live() === count);
const numbersOf = ({ events }: Seen<Added>) => events.map(({ added }) => added.entry.number);
const isIn = (seen: Seen<Added>, count: number) =>
  eventually(`${count} entries`, () => seen.events.length >= count);

/** Each once, none missing, in order. */
function expectConsecutive(seen: Seen<Added>, count: number): void {
  const [first = 0] = numbersOf(seen);
  expect(numbersOf(seen)).toEqual(Array.from({ length: count }, (_, index) => first + index));
}

describe('a gateway that is stopped and started again', () => {
  test('in the middle of a subscription loses no event of it, and tells none twice', async () => {
    const client = await loggedIn('ada');
    const states: string[] = [];
    client.connection.onChange(() => states.push(client.connection.current().status));
    const seen = look(client, entries);
    await isLive();
    journal.add(3);
    await isIn(seen, 3);
    const at = port();
    await gateway.stop();
    journal.add(4);
    await eventually('it is found to be away', () => states.filter((each) => each === 'waiting').length > 1);
    gateway = await start(at);
    await isIn(seen, 7);
    journal.add(2);
    await isIn(seen, 9);
    expectConsecutive(seen, 9);
    expect(seen.gaps).toEqual([]);
    expect(states.slice(0, 3)).toEqual(['connecting', 'connected', 'waiting']);
    expect(client.connection.current()).toEqual({ status: 'connected' });
  });

  test('while nothing is known to go on behind, is told as a gap', async () => {
    const client = await loggedIn('ada');
    const seen = look(client, entries);
    const blind = look(client, withoutCursor);
    await isLive(2);
    const heard: string[] = [];
    client.onGap(({ operationName }) => heard.push(operationName ?? ''));
    const at = port();
    await gateway.stop();
    gateway = await start(at);
    await eventually('both gaps', () => heard.length === 2);
    expect(seen.gaps).toEqual([{ operationName: 'Entries', reason: 'NO_CURSOR' }]);
    expect(blind.gaps).toEqual([{ operationName: 'Blind', reason: 'NOT_RESUMABLE' }]);
    await isLive(2);
    journal.add();
    await isIn(seen, 1);
    await eventually('the other one', () => blind.events.length === 1);
  });

  test('after the log has dropped what was missed, says so and goes on from now', async () => {
    const client = await loggedIn('ada');
    const seen = look(client, entries);
    await isLive();
    journal.add();
    await isIn(seen, 1);
    const at = port();
    await gateway.stop();
    journal.add(2);
    journal.drop();
    gateway = await start(at);
    await eventually('it is told', () => seen.gaps.length === 1);
    expect(seen.gaps).toEqual([{ operationName: 'Entries', reason: 'TOO_LATE' }]);
    await isLive();
    journal.add();
    await isIn(seen, 2);
    const [first = 0, second = 0] = numbersOf(seen);
    expect(second - first).toBe(3);
  });
});

describe('a subgraph that is lost and comes back', () => {
  test.each([
    ['from now on', () => ({})],
    ['behind a cursor', () => ({ from: journal.last() })],
  ])('costs who reads %s no event, and tells none twice', async (_name, variables) => {
    const client = await loggedIn('ada');
    const seen = look(client, entries, variables());
    await isLive();
    journal.add(2);
    await isIn(seen, 2);
    await journal.subgraph.stop();
    journal.add(3);
    await journal.subgraph.restart();
    await isIn(seen, 5);
    journal.add();
    await isIn(seen, 6);
    expectConsecutive(seen, 6);
    expect(seen.gaps).toEqual([]);
    expect(client.connection.current()).toEqual({ status: 'connected' });
  });
});

describe('a token that ends while a subscription is open', () => {
  test('is renewed on the open socket before, and the subgraph is shown the new one', async () => {
    login.lasting(2_000);
    const client = await loggedIn('ada', { renewalMarginMs: 1_500 });
    const states: string[] = [];
    client.connection.onChange(() => states.push(client.connection.current().status));
    const seen = look(client, entries);
    await isLive();
    login.lasting(600_000);
    await eventually('the new one is shown', () => journal.subgraph.pings.length > 0);
    // A socket with as short a token ends now; ours has another one.
    const other = await initialised(gateway.url, { token: 'other:2000' });
    await other.closed;
    journal.add();
    await isIn(seen, 1);
    expect(states).toEqual(['connecting', 'connected']);
    expect(journal.subgraph.connections).toHaveLength(1);
  });

  test('and could not be renewed in time costs no event: it goes on with the next one', async () => {
    login.lasting(1_500);
    const client = await loggedIn('ada', { renewalMarginMs: 1_000 });
    const seen = look(client, entries);
    await isLive();
    journal.add(2);
    await isIn(seen, 2);
    const release = login.subgraph.hold((query) => query.includes('sessionRefresh'));
    await eventually('the gateway has closed it', () => {
      const now = client.connection.current();
      return now.status === 'waiting' && now.closeCode === 4403;
    });
    await isLive(0);
    journal.add(3);
    login.lasting(600_000);
    release();
    await isIn(seen, 5);
    expectConsecutive(seen, 5);
    expect(seen.gaps).toEqual([]);
  });
});

describe('a session that is over', () => {
  test('because it was revoked ends its subscriptions, and is known to be', async () => {
    const client = await loggedIn('dora');
    const seen = look(client, entries);
    await isLive();
    login.end('dora');
    ended.add(sessionOf('dora'), new Date(Date.now() + 600_000));
    expect(await seen.end).toBeInstanceOf(SessionEnded);
    expect(client.session.state.current()).toEqual({ status: 'ended' });
  });

  test('because somebody logged out, or another person in, ends its subscriptions too', async () => {
    const client = await loggedIn('ada');
    const first = look(client, entries);
    await isLive();
    await client.session.logIn({ email: 'ben', password: 'lyceum-demo' });
    expect(await first.end).toBeInstanceOf(SessionEnded);
    await isLive(0);
    const second = look(client, entries);
    await isLive();
    journal.add();
    await isIn(second, 1);
    expect(first.events).toEqual([]);
    const shown = journal.subgraph.connections.at(-1) as { authorization: string };
    expect(shown.authorization).toMatch(/^Bearer ben:/);
    await client.session.logOut();
    expect(await second.end).toBeInstanceOf(SessionEnded);
  });
});

describe('a subscription', () => {
  test('that the graph refuses ends with its reason, and is not begun again', async () => {
    const client = await loggedIn('ada');
    const opened = school.progress.received.length;
    const seen = look(client, operation('subscription Forbidden { forbidden { id } }'));
    const error = await seen.end;
    expect(error).toBeInstanceOf(RequestFailed);
    expect(error).toMatchObject({ code: 'FORBIDDEN', message: 'This needs the role INSTRUCTOR.' });
    expect(seen.events).toEqual([]);
    expect(school.progress.received.length).toBe(opened);
  });

  test('that is not of the graph ends with what is wrong', async () => {
    const client = await loggedIn('ada');
    const seen = look(client, operation('subscription Nothing { nothing }'));
    expect(await seen.end).toMatchObject({
      message: expect.stringContaining('Cannot query field "nothing"'),
    });
  });

  test('that is left is left at its subgraph, and the last one closes the socket', async () => {
    const client = await loggedIn('ada');
    const seen = look(client, entries);
    await isLive();
    seen.leave();
    await isLive(0);
    await eventually('it is closed', () => client.connection.current().status === 'idle');
    const again = look(client, entries);
    await isLive();
    journal.add();
    await isIn(again, 1);
  });

  test('begins behind a cursor that it is given', async () => {
    const client = await loggedIn('ada');
    const seen = look(client, entries);
    await isLive();
    journal.add(3);
    await isIn(seen, 3);
    const [first] = seen.events;
    const later = look(client, entries, { from: first!.added.place });
    await isIn(later, 2);
    expect(numbersOf(later)).toEqual(numbersOf(seen).slice(1));
  });
});
