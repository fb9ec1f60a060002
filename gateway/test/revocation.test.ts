import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEventLog, domainEvent, type EventLog } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
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
