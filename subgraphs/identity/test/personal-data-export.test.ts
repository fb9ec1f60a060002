import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { undecided } from '@lyceum/events/personal-data';
import { eventually, filesInZip, graphqlClient, subscribe, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { personalTablesOfIdentity } from '../src/store/personal-tables.ts';
import { logIn, runIdentity, withStore, type RunningIdentity } from './kit/identity.ts';
import { newestMail, subjectOf } from './kit/mailbox.ts';
import { answerOf, playOtherHolders, type OtherHolders } from './kit/other-holders.ts';
import { askForExport, fetchArchive, jobOf, linesOf, untilJob, type Job } from './kit/privacy-jobs.ts';
import { askAgain, expireArchives } from './kit/privacy-upkeep.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let holders: OtherHolders;
let admin: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  holders = await playOtherHolders(identity, {
    catalog: async (request, others) => {
      await waiting.get(request.userId);
      await answerOf('catalog')(request, others);
    },
  });
  admin = await identity.loggedIn('admin');
});
afterAll(async () => {
  await holders.stop();
  await identity.stop();
});

async function loggedIn(email: string) {
  const { accessToken } = await logIn(graphqlClient(identity.url), email);
  const { sub: userId = '' } = decodeJwt(accessToken);
  return { accessToken, userId, ask: graphqlClient(identity.url, accessToken) };
}

/** Whose job is answered only when the promise resolves. */
const waiting = new Map<string, Promise<void>>();

async function metricsOf(url: string) {
  return { text: await (await fetch(`${url}/metrics`)).text() };
}

let made = 0;

/** Somebody new in the demo organisation, logged in. */
async function newPerson(name = 'Esra Yıldız') {
  made += 1;
  const email = `exported-${made}@lyceum.example`;
  const { errors } = await admin(
    `mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { code } } }`,
    { input: { name, email, password: 'a password of hers' } },
  );
  expect(errors).toBeUndefined();
  const { accessToken } = await logIn(graphqlClient(identity.url), email, 'a password of hers');
  const { sub: userId = '' } = decodeJwt(accessToken);
  return { email, accessToken, userId, ask: graphqlClient(identity.url, accessToken) };
}

test('every table and column of identity is decided about', async () => {
  await withStore(identity.databaseUrl, async (store) => {
    expect(await undecided(store.sql, personalTablesOfIdentity)).toEqual([]);
  });
});

describe('a person who asks for what is held of them', () => {
  let person: Awaited<ReturnType<typeof newPerson>>;
  let job: Job;

  beforeAll(async () => {
    person = await newPerson();
    const { job: begun } = await askForExport(person.ask);
    expect(begun).toMatchObject({ kind: 'EXPORT', state: 'RUNNING', partsTotal: 6 });
    job = await untilJob(person.ask, begun!.id, 'DONE');
  });

  test('is told by each service what there is', () => {
    expect(job).toMatchObject({
      user: { id: person.userId },
      requestedBy: { id: person.userId },
      partsEnded: 6,
    });
    expect(job.parts.map(({ service, state }) => [service, state])).toEqual(
      ['assessment', 'catalog', 'identity', 'learning', 'lrs', 'records'].map((service) => [service, 'DONE']),
    );
    const own = job.parts.find(({ service }) => service === 'identity')?.report ?? [];
    expect(own).toContainEqual({ what: 'account', action: 'EXPORTED', count: 1, reason: null });
    expect(own.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['sessions', 'membership', 'audit-events']),
    );
  });

  test('gets a mail when the archive is there', async () => {
    expect(subjectOf(await newestMail(identity, person.email))).toMatch(/Your data from/);
  });

  test('finds all of it in a zip file, a folder a service, and no secret', async () => {
    const response = await fetchArchive(identity.url, person.accessToken, job.id);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    const files = await filesInZip(await response.arrayBuffer());
    expect(linesOf(files.get('identity/account.jsonl'))).toEqual([
      expect.objectContaining({ id: person.userId, email: person.email }),
    ]);
    expect(linesOf(files.get('identity/membership.jsonl'))).toEqual([
      expect.objectContaining({ name: 'Esra Yıldız', roles: ['LEARNER'] }),
    ]);
    expect(linesOf(files.get('learning/rows.jsonl'))).toEqual([{ of: 'learning' }]);
    expect(linesOf(files.get('identity/audit-events.jsonl')).map(({ act }) => act)).toContain(
      'session.create',
    );
    const manifest = JSON.parse(files.get('manifest.json') ?? '') as { services: { files: string[] }[] };
    const named = manifest.services.flatMap((service) => service.files);
    expect([...named].sort()).toEqual([...files.keys()].filter((name) => name !== 'manifest.json').sort());
    expect([...files.values()].join('\n')).not.toMatch(/argon2|passwordHash|secretHash|lyr_/);
  });

  test('is seen and fetched by nobody else but who may', async () => {
    const other = await newPerson('Somebody Else');
    expect(await jobOf(other.ask, job.id)).toBeNull();
    expect((await fetchArchive(identity.url, other.accessToken, job.id)).status).toBe(404);
    expect((await fetchArchive(identity.url, 'nobody', job.id)).status).toBe(401);
    const administrator = await loggedIn('admin@lyceum.example');
    expect((await fetchArchive(identity.url, administrator.accessToken, job.id)).status).toBe(200);
    const stranger = await (await identity.organisation('elsewhere')).member('ADMIN');
    expect(await jobOf(stranger.ask, job.id)).toBeNull();
  });

  test('sees the job among their own', async () => {
    const { data } = await person.ask<{ viewer: { privacyJobs: { nodes: { id: string }[] } } }>(
      '{ viewer { privacyJobs(first: 10) { nodes { id } totalCount } } }',
    );
    expect(data.viewer.privacyJobs).toEqual({ nodes: [{ id: job.id }], totalCount: 1 });
  });

  test('watches it come further, which nobody else does', async () => {
    const watched = await newPerson();
    let hold: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    waiting.set(watched.userId, held);
    const { job: begun } = await askForExport(watched.ask);
    const query = `subscription ($id: ID!) { privacyJobChanged(id: $id) { id state partsEnded user { name } } }`;
    const watch = (token: string) =>
      subscribe<{ privacyJobChanged: Job }>(identity.url, query, { token, variables: { id: begun!.id } });
    const live = watch(watched.accessToken);
    await live.connected;
    const stranger = watch(person.accessToken);
    expect((await stranger.next()).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    await stranger.close();
    // It is open when the server has subscribed, which nothing tells: the parts are let go when it has.
    await eventually(async () => {
      const { text } = await metricsOf(identity.url);
      expect(text).toMatch(/lyceum_live_subscribers\{[^}]*identity.events[^}]*\} 1/);
    });
    hold?.();
    const states = [];
    do states.push((await live.next()).data.privacyJobChanged);
    while (states.at(-1)?.state !== 'DONE');
    expect(states.at(-1)).toMatchObject({ partsEnded: 6, user: { name: 'Esra Yıldız' } });
    expect(states.length).toBeGreaterThan(1);
    await live.close();
  });

  test('may not ask for that of others', async () => {
    const { errors } = await person.ask(
      `mutation ($id: ID) { personalDataExport(input: { userId: $id }) { job { id } } }`,
      { id: (await loggedIn('admin@lyceum.example')).userId },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('finds the archive deleted when its time is over, and can ask anew', async () => {
    await sql(identity.databaseUrl, `UPDATE privacy_job SET expires_at = now() WHERE id = $1`, [job.id]);
    await expireArchives(identity);
    expect(await jobOf(person.ask, job.id)).toMatchObject({ state: 'EXPIRED', archiveUrl: null });
    expect((await fetchArchive(identity.url, person.accessToken, job.id)).status).toBe(409);
    const left = await sql(identity.databaseUrl, 'SELECT 1 FROM privacy_job_piece WHERE job_id = $1', [
      job.id,
    ]);
    expect(left).toEqual([]);
    const again = await askForExport(person.ask);
    expect(again.job?.id).not.toBe(job.id);
    await untilJob(person.ask, again.job!.id, 'DONE');
  });
});

test('a service that says nothing for a day is asked again, and after a week its part has failed', async () => {
  const lone = await runIdentity();
  const silent = await playOtherHolders(lone, { lrs: () => Promise.resolve() });
  const { accessToken } = await logIn(graphqlClient(lone.url), 'learner@lyceum.example');
  const ask = graphqlClient(lone.url, accessToken);
  const { job } = await askForExport(ask);
  await eventually(async () => {
    expect(await jobOf(ask, job!.id)).toMatchObject({ partsEnded: 5 });
  });
  await askAgain(lone);
  for (let day = 1; day < 7; day += 1) {
    await sql(lone.databaseUrl, `UPDATE privacy_job SET asked_at = now() - interval '25 hours'`);
    // Two instances do it: it is asked once.
    await Promise.all([askAgain(lone), askAgain(lone)]);
  }
  await eventually(() => {
    expect(silent.requests.map(({ services }) => services)).toEqual([
      ['identity', 'catalog', 'learning', 'assessment', 'lrs', 'records'],
      ...Array.from({ length: 6 }, () => ['lrs']),
    ]);
  });
  expect(await jobOf(ask, job!.id)).toMatchObject({ state: 'RUNNING' });
  await sql(lone.databaseUrl, `UPDATE privacy_job SET asked_at = now() - interval '25 hours'`);
  await askAgain(lone);
  const failed = await untilJob(ask, job!.id, 'FAILED');
  expect(failed.parts.find(({ service }) => service === 'lrs')).toMatchObject({
    state: 'FAILED',
    failure: 'It has not answered for 7 days.',
  });
  await silent.stop();
  await lone.stop();
});

test('a program of theirs asks for nobody: it needs a login', async () => {
  const person = await newPerson();
  const { data } = await person.ask<{ personalAccessTokenCreate: { secret: string } }>(
    `mutation ($at: DateTime!) {
      personalAccessTokenCreate(
        input: { name: "Mine", permissions: ["personal-data.export.own"], expiresAt: $at }
      ) { secret userErrors { code } }
    }`,
    { at: new Date(Date.now() + 3_600_000).toISOString() },
  );
  const { body } = await askForToken(identity, exchangeOf(data.personalAccessTokenCreate.secret));
  const token = body.access_token;
  const { errors } = await graphqlClient(
    identity.url,
    token,
  )('mutation { personalDataExport(input: {}) { job { id } } }');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missing: 'a login' });
  const { job } = await askForExport(person.ask);
  await untilJob(person.ask, job!.id, 'DONE');
  expect((await fetchArchive(identity.url, token, job!.id)).status).toBe(403);
});

test('a request that comes ten times at once is one job, told of once', async () => {
  const person = await newPerson();
  const answers = await Promise.all(Array.from({ length: 10 }, () => askForExport(person.ask)));
  expect(new Set(answers.map(({ job }) => job?.id)).size).toBe(1);
  await untilJob(person.ask, answers[0]!.job!.id, 'DONE');
  expect(holders.requests.filter(({ userId }) => userId === person.userId)).toHaveLength(1);
});

test('pieces and ends of parts may come twice and in any order', async () => {
  const lone = await runIdentity();
  const disorder = await playOtherHolders(lone, {
    learning: async ({ jobId, organisationId, kind }, { tellDone, tellPiece }) => {
      const head = { jobId, organisationId };
      const file = 'enrolments.jsonl';
      const done = { ...head, kind, pieces: 3, report: [] };
      await tellDone('learning', done);
      await tellPiece('learning', { ...head, place: 2, file, content: '{"place":2}\n' });
      await tellPiece('learning', { ...head, place: 0, file, content: '{"place":0}\n' });
      await tellPiece('learning', { ...head, place: 0, file, content: '{"place":0}\n' });
      await tellDone('learning', done);
      await tellPiece('learning', { ...head, place: 1, file, content: '{"place":1}\n' });
      await tellPiece('learning', { ...head, place: 1, file, content: '{"place":1}\n' });
      await tellDone('learning', done);
    },
  });
  const { accessToken } = await logIn(graphqlClient(lone.url), 'learner@lyceum.example');
  const ask = graphqlClient(lone.url, accessToken);
  const { job } = await askForExport(ask);
  await untilJob(ask, job!.id, 'DONE');
  const files = await filesInZip(await (await fetchArchive(lone.url, accessToken, job!.id)).arrayBuffer());
  expect(linesOf(files.get('learning/enrolments.jsonl'))).toEqual([{ place: 0 }, { place: 1 }, { place: 2 }]);
  await disorder.stop();
  await lone.stop();
});

test('a service that gives up fails the job, and asking again goes on with that service alone', async () => {
  const lone = await runIdentity();
  let failing = true;
  const weak = await playOtherHolders(lone, {
    lrs: async (request, others) => {
      const { jobId, organisationId, kind } = request;
      if (!failing) return answerOf('lrs')(request, others);
      const failure = 'It failed 10 times: the disk is full';
      await others.tellDone('lrs', { jobId, organisationId, kind, pieces: 0, report: [], failure });
    },
  });
  const { accessToken } = await logIn(graphqlClient(lone.url), 'learner@lyceum.example');
  const ask = graphqlClient(lone.url, accessToken);
  const { job } = await askForExport(ask);
  const failed = await untilJob(ask, job!.id, 'FAILED');
  expect(failed.parts.find(({ service }) => service === 'lrs')).toMatchObject({
    state: 'FAILED',
    failure: expect.stringContaining('the disk is full'),
  });
  failing = false;
  expect((await askForExport(ask)).job).toMatchObject({ id: job!.id, state: 'RUNNING' });
  await untilJob(ask, job!.id, 'DONE');
  expect(weak.requests.map(({ services }) => services)).toEqual([
    ['identity', 'catalog', 'learning', 'assessment', 'lrs', 'records'],
    ['lrs'],
  ]);
  await weak.stop();
  await lone.stop();
});
