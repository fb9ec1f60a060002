import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEventLog, domainEvent, type EventLog } from '@lyceum/events';
import { createLogger, newId } from '@lyceum/service';
import { createClosedOrganisations } from '../src/access/closed-organisations.ts';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { followRevocations } from '../src/access/follow-revocations.ts';
import { eventually } from './kit/eventually.ts';
import { sessionOf, startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

const logger = createLogger({ service: 'gateway', level: 'silent' });
const directory = mkdtempSync(join(tmpdir(), 'lyceum-revocation-'));
const openLog = () => createEventLog({ directory, logger, clientId: 'test' });

/** What the product promises. */
const promisedMs = 5_000;

let school: School;
/** Identity's end of the log. */
let log: EventLog;
let instances: TestGateway[];

async function startInstance(open: () => Promise<EventLog> = openLog): Promise<TestGateway> {
  const revocations = followRevocations({ openLog: open, logger });
  const gateway = await startGateway(school.all, {
    endedSessions: revocations.ended,
    closedOrganisations: revocations.closed,
    checks: [revocations.check],
  });
  return { ...gateway, stop: () => gateway.stop().finally(() => revocations.stop()) };
}

beforeAll(async () => {
  [school, log] = await Promise.all([startSchool(), openLog()]);
  instances = [await startInstance(), await startInstance()];
});

afterAll(async () => {
  for (const instance of instances) await instance.stop();
  await school.stop();
  await log.close();
  rmSync(directory, { recursive: true });
});

const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

/** Tells that the session of a user has ended, as identity does. */
function end(userId: string, accessTokensUntil = fromNow(600_000)): Promise<void> {
  const id = sessionOf(userId);
  const session = { id, userId, organisationId: 'organisation', endedAt: fromNow(0), accessTokensUntil };
  return log.append([
    domainEvent({ type: 'session.ended', subject: id, organisation: 'organisation', data: { session } }),
  ]);
}

const isRefused = async (gateway: TestGateway, token: string) =>
  (await gateway.query('{ whoami }', { token })).status === 401;

async function untilRefused(token: string, ...gateways: TestGateway[]): Promise<void> {
  await Promise.all(
    gateways.map((gateway) => eventually('it is refused', () => isRefused(gateway, token), promisedMs)),
  );
}

const subscription = 'subscription { progressUpdated { id } }';

function stream(gateway: TestGateway, token: string, accept: string) {
  return fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: subscription }),
  });
}

describe('a session that has ended', () => {
  test('is refused over HTTP by every instance within 5 s, and another goes on', async () => {
    for (const gateway of instances) expect(await isRefused(gateway, 'ada')).toBe(false);
    await end('ada');
    await untilRefused('ada', ...instances);
    const { errors } = await instances[0]!.query('{ whoami }', { token: 'ada' });
    expect(errors).toEqual([{ message: 'The session has ended.', extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await isRefused(instances[0]!, 'ben')).toBe(false);
  });

  test('loses its sockets with 4403 at every instance within 5 s, and opens none', async () => {
    const clients = instances.map((gateway) => gateway.connect({ connectionParams: { token: 'cleo' } }));
    const watched = clients.map((client) => watch(client, subscription));
    await eventually('they are open', () => school.progress.live() === 2);
    const endings: unknown[] = [];
    for (const { end: ending } of watched) void ending.then((reason) => endings.push(reason));
    await end('cleo');
    await eventually('both are closed', () => endings.length === 2, promisedMs);
    const closed = { code: 4403, reason: 'The session has ended.' };
    expect(endings).toMatchObject([closed, closed]);
    await eventually('the upstreams are closed', () => school.progress.sockets.clients.size === 0);
    const again = instances[0]!.connect({ connectionParams: { token: 'cleo' } });
    expect(await watch(again, subscription).end).toMatchObject(closed);
  });

  test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'loses its streams of %s within 5 s, told why',
    async (accept) => {
      const user = `reader-of-${accept.length}`;
      const response = await stream(instances[1]!, user, accept);
      await eventually('it is open', () => school.progress.live() === 1);
      let text: string | undefined;
      void response.text().then((whole) => (text = whole));
      await end(user);
      await eventually('it has ended', () => text !== undefined, promisedMs);
      expect(text).toContain('"message":"The session has ended."');
      expect(text).toContain('"code":"UNAUTHENTICATED"');
      await eventually('nothing is left at the subgraph', () => school.progress.live() === 0);
      expect((await stream(instances[1]!, user, accept)).status).toBe(401);
    },
  );

  test('is refused by an instance that starts later, which is ready once it knows', async () => {
    await end('early');
    const late = await startInstance();
    await eventually('it is ready', async () => (await fetch(`${late.origin}/health/ready`)).ok);
    expect(await isRefused(late, 'early')).toBe(true);
    await late.stop();
  });

  test('is refused behind a record that nobody can read', async () => {
    const [record] = [domainEvent({ type: 'session.ended', subject: 'x', organisation: '', data: broken() })];
    await log.append([{ ...record, value: '{' }]);
    await end('behind');
    await untilRefused('behind', ...instances);
  });
});

/** Well-formed, so that it can be written. */
function broken() {
  const [id, userId, organisationId] = ['x', 'x', 'x'];
  return { session: { id, userId, organisationId, endedAt: fromNow(0), accessTokensUntil: fromNow(0) } };
}

test.each([
  ['api-client.revoked', 'apiclient_1'],
  ['personal-access-token.revoked', 'pat_1'],
] as const)('%s ends what its access tokens open', async (type, userId) => {
  const at = { organisationId: 'organisation', revokedAt: fromNow(0), accessTokensUntil: fromNow(600_000) };
  const revoked = { id: sessionOf(userId), userId, ...at };
  const { userId: _, ...client } = revoked;
  await log.append([
    type === 'api-client.revoked'
      ? domainEvent({ type, subject: client.id, organisation: 'organisation', data: { client } })
      : domainEvent({ type, subject: revoked.id, organisation: 'organisation', data: { token: revoked } }),
  ]);
  await untilRefused(userId, ...instances);
});

test('a gateway that cannot reach the log serves, says that it is not ready, and learns all when it can', async () => {
  let reachable = false;
  const gateway = await startInstance(() =>
    reachable ? openLog() : Promise.reject(new Error('no broker answers')),
  );
  await end('unheard');
  expect(await isRefused(gateway, 'unheard')).toBe(false);
  const ready = await fetch(`${gateway.origin}/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    checks: [
      { name: 'subgraphs', ok: true },
      { name: 'revocations', ok: false, reason: 'The event log cannot be reached.' },
    ],
  });
  reachable = true;
  await untilRefused('unheard', gateway);
  await eventually('it is ready', async () => (await fetch(`${gateway.origin}/health/ready`)).ok);
  await gateway.stop();
});

describe('an organisation that was suspended', () => {
  const state = { id: 'closing', name: 'Closing', slug: 'closing' };
  const suspend = (accessTokensUntil = fromNow(600_000)) => {
    const organisation = {
      ...state,
      state: 'SUSPENDED',
      revision: 2,
      suspendedAt: fromNow(0),
      accessTokensUntil,
    } as const;
    const data = { organisation };
    return log.append([
      domainEvent({ type: 'organisation.suspended', subject: state.id, organisation: state.id, data }),
    ]);
  };
  const reinstate = (sessionsFrom: string) => {
    const until = { accessTokensUntil: fromNow(600_000) };
    const organisation = { ...state, state: 'ACTIVE', revision: 3, sessionsFrom, ...until } as const;
    const data = { organisation };
    return log.append([
      domainEvent({ type: 'organisation.reinstated', subject: state.id, organisation: state.id, data }),
    ]);
  };

  test('is refused whole by one event, sockets and all, within 5 s; reinstated its programs go on and people log in anew', async () => {
    const [before, program] = ['ida@closing', 'pat_1@closing'];
    const clients = instances.map((gateway) => gateway.connect({ connectionParams: { token: before } }));
    const watched = clients.map((client) => watch(client, subscription));
    await eventually('they are open', () => school.progress.live() === 2);
    await suspend();
    await untilRefused(before, ...instances);
    await untilRefused(program, ...instances);
    const { errors } = await instances[0]!.query('{ whoami }', { token: before });
    expect(errors).toMatchObject([{ message: 'The organisation was suspended.' }]);
    for (const { end: ending } of watched)
      expect(await ending).toMatchObject({ code: 4403, reason: 'The organisation was suspended.' });
    expect(await isRefused(instances[0]!, 'ben')).toBe(false);

    const late = await startInstance();
    await untilRefused(before, late);
    await reinstate(fromNow(5_000));
    for (const gateway of [...instances, late]) {
      await eventually('its program goes on', async () => !(await isRefused(gateway, program)), promisedMs);
      // The test's tokens are given as they are shown: this one before the sessions that go on began.
      expect(await isRefused(gateway, before)).toBe(true);
    }
    await reinstate(fromNow(-5_000));
    for (const gateway of [...instances, late])
      await eventually('its people are let in', async () => !(await isRefused(gateway, before)), promisedMs);
    await late.stop();
  });

  test('is forgotten when none of its tokens can be valid, and watched by whom it concerns alone', () => {
    let now = 0;
    const closed = createClosedOrganisations(() => now);
    const told: string[] = [];
    const asker = (organisationId: string) => ({
      organisationId,
      sessionId: 'session_1',
      issuedAt: new Date(0),
    });
    closed.onClose(asker('a'), () => told.push('a'));
    closed.onClose(asker('b'), () => told.push('b'));
    closed.onClose(asker('a'), () => told.push('gone'))();
    closed.suspend('a', new Date(100_000));
    closed.suspend('a', new Date(100_000));
    closed.onClose(asker('a'), () => told.push('late'));
    expect(told).toEqual(['a', 'late']);
    expect([closed.refuses(asker('a')), closed.refuses(asker('b'))]).toEqual([true, false]);
    now = 100_000;
    closed.suspend('c', new Date(200_000));
    expect([closed.refuses(asker('a')), closed.refuses(asker('c'))]).toEqual([false, true]);
  });

  test('reinstated refuses logins from before, to the second, and those that do not say when', () => {
    const closed = createClosedOrganisations(() => 0);
    closed.reinstate('a', new Date(10_500), new Date(600_000));
    const refuses = (sessionId: string, issuedAt?: number) =>
      closed.refuses({
        organisationId: 'a',
        sessionId,
        issuedAt: issuedAt === undefined ? undefined : new Date(issuedAt),
      });
    const [session, program] = [newId('session'), newId('pat')];
    expect([refuses(session, 9_000), refuses(session, 10_000), refuses(session)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([refuses(program, 9_000), refuses(program)]).toEqual([false, false]);
  });
});

describe('the list of ended sessions', () => {
  test('forgets each when none of its tokens can be valid', () => {
    let now = 0;
    const ended = createEndedSessions(() => now);
    ended.add('short', new Date(100_000));
    ended.add('over', new Date(0));
    expect([ended.has('short'), ended.has('over')]).toEqual([true, false]);
    now = 100_000;
    ended.add('other', new Date(200_000));
    expect([ended.has('short'), ended.has('other')]).toEqual([false, true]);
  });

  test('tells who watches once, and whoever comes later at once', () => {
    const ended = createEndedSessions();
    const told: string[] = [];
    ended.onEnd('a', () => told.push('first'));
    ended.onEnd('a', () => told.push('gone'))();
    ended.add('a', new Date(Date.now() + 1_000));
    ended.add('a', new Date(Date.now() + 1_000));
    ended.onEnd('a', () => told.push('late'));
    expect(told).toEqual(['first', 'late']);
  });
});
