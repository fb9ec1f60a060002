import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import type XApi from '@xapi/xapi';
import { etagOf } from './kit/documents.ts';
import { secret, startLrs, type Lrs } from './kit/lrs.ts';

/** What content in the field is made with, as it comes from the registry: nothing of it is adapted here. */
const require = createRequire(import.meta.url);
const XAPI =
  (require('@xapi/xapi') as { default?: typeof XApi }).default ?? (require('@xapi/xapi') as typeof XApi);
const TinCan = require('tincanjs') as TinCanLibrary;

let lrs: Lrs;

beforeAll(async () => {
  lrs = await startLrs();
  await lrs.client('org_a');
}, 60_000);

afterAll(async () => {
  await lrs.stop();
});

const actor = { objectType: 'Agent' as const, mbox: 'mailto:ada@example.org' };
const object = { objectType: 'Activity' as const, id: 'http://lyceum.example/xapi/activities/item_1' };

describe.each(['axios', 'fetch'] as const)('@xapi/xapi over %s', (adapter) => {
  const open = (version: '1.0.3' | '2.0.0' = '1.0.3') =>
    new XAPI({
      endpoint: `${lrs.url}/xapi/`,
      auth: XAPI.toBasicAuth('key1', secret),
      adapter,
      version: version as '1.0.3',
    });

  test('reads about, and sends and reads statements', async () => {
    const xapi = open();
    expect((await xapi.getAbout()).data.version).toContain('1.0.3');
    const verb = { id: `http://lyceum.example/verbs/${randomUUID()}` };
    const { data } = await xapi.sendStatement({ statement: { actor, verb, object } });
    await eventually(async () => {
      const found = await xapi.getStatement({ statementId: data[0] ?? '' });
      expect(found.data).toMatchObject({ id: data[0], verb });
    });
    await xapi.sendStatements({ statements: [1, 2].map(() => ({ actor, verb, object })) });
    const page = await eventually(async () => {
      const answer = await xapi.getStatements({ verb: verb.id, limit: 2, ascending: true });
      expect(answer.data).toMatchObject({
        statements: [{ id: data[0] }, {}],
        more: expect.stringMatching(/^\//),
      });
      return answer.data;
    });
    const rest = await xapi.getMoreStatements({ more: page.more });
    expect(rest.data).toMatchObject({ statements: [{}], more: '' });
  });

  test.each(['1.0.3', '2.0.0'] as const)(
    'makes, merges, replaces, lists and deletes states in %s',
    async (version) => {
      const xapi = open(version);
      const registration = randomUUID();
      const context = { agent: actor, activityId: object.id, registration };
      const one = { ...context, stateId: 'bookmark' };
      await xapi.createState({ ...one, state: { page: 1, done: false } });
      await xapi.createState({ ...one, state: { page: 2 } });
      const { data, headers } = await xapi.getState(one);
      expect(data).toEqual({ page: 2, done: false });
      const etag = String((headers as Record<string, string>)['etag']);
      await xapi.setState({ ...one, state: { page: 3 }, etag, matchHeader: 'If-Match' });
      await expect(xapi.setState({ ...one, state: {}, etag, matchHeader: 'If-Match' })).rejects.toThrow();
      await xapi.createState({ ...context, stateId: 'other', state: {} });
      expect((await xapi.getStates(context)).data).toEqual(['bookmark', 'other']);
      expect(
        (await xapi.getStates({ ...context, since: new Date(Date.now() + 60_000).toISOString() })).data,
      ).toEqual([]);
      await xapi.deleteState(one);
      await xapi.deleteStates(context);
      expect((await xapi.getStates(context)).data).toEqual([]);
    },
  );

  test('makes, replaces, lists and deletes profiles of activities and agents', async () => {
    const xapi = open();
    const profileId = randomUUID();
    const activity = { activityId: `${object.id}/${adapter}`, profileId };
    const person = { agent: { ...actor, mbox: `mailto:${adapter}@example.org` }, profileId };
    const anew = { profile: { a: 1 }, etag: '*', matchHeader: 'If-None-Match' as const };
    await xapi.setActivityProfile({ ...activity, ...anew });
    await xapi.setAgentProfile({ ...person, ...anew });
    await xapi.createActivityProfile({ ...activity, profile: { b: 2 } });
    await xapi.createAgentProfile({ ...person, profile: { b: 2 } });
    const etag = etagOf('{"a":1,"b":2}');
    expect((await xapi.getActivityProfile(activity)).data).toEqual({ a: 1, b: 2 });
    expect((await xapi.getActivityProfiles(activity)).data).toEqual([profileId]);
    expect((await xapi.getAgentProfiles(person)).data).toEqual([profileId]);
    await xapi.setAgentProfile({ ...person, profile: { c: 3 }, etag, matchHeader: 'If-Match' });
    expect((await xapi.getAgentProfile(person)).data).toEqual({ c: 3 });
    await xapi.deleteActivityProfile({ ...activity, etag });
    await xapi.deleteAgentProfile(person);
    expect((await xapi.getActivityProfiles(activity)).data).toEqual([]);
  });
});

describe('tincanjs', () => {
  const open = () =>
    new TinCan.LRS({ endpoint: `${lrs.url}/xapi/`, username: 'key1', password: secret, allowFail: false });
  const agent = () => new TinCan.Agent({ mbox: actor.mbox });
  const activity = () => new TinCan.Activity({ id: object.id });

  test('reads about, and sends, reads and filters statements', async () => {
    const client = open();
    expect(await call((callback) => client.about({ callback }))).toMatchObject({
      version: expect.arrayContaining(['1.0.3']),
    });
    const verb = `http://lyceum.example/verbs/${randomUUID()}`;
    const sent = new TinCan.Statement({ actor, verb: { id: verb }, target: object });
    await call((callback) => client.saveStatement(sent, { callback }));
    await eventually(async () => {
      expect(await call((callback) => client.retrieveStatement(sent.id, { callback }))).toMatchObject({
        id: sent.id,
      });
    });
    const more = [1, 2].map(() => new TinCan.Statement({ actor, verb: { id: verb }, target: object }));
    await call((callback) => client.saveStatements(more, { callback }));
    const page = await eventually(async () => {
      const params = { verb: new TinCan.Verb({ id: verb }), agent: agent(), activity: activity(), limit: 2 };
      const found = await call<StatementsResult>((callback) => client.queryStatements({ params, callback }));
      expect(found.statements).toHaveLength(2);
      expect(found.more).not.toBe('');
      return found;
    });
    const rest = await call<StatementsResult>((callback) =>
      client.moreStatements({ url: page.more, callback }),
    );
    expect(rest.statements).toHaveLength(1);
  });

  test('saves, reads, lists and drops states and profiles', async () => {
    const client = open();
    const registration = randomUUID();
    const context = () => ({ agent: agent(), activity: activity(), registration });
    const json = { contentType: 'application/json' };
    await call((callback) => client.saveState('place', { page: 1 }, { ...context(), ...json, callback }));
    const state = await call<TinCanDocument>((callback) =>
      client.retrieveState('place', { ...context(), callback }),
    );
    expect([state.contents, state.etag]).toEqual([{ page: 1 }, etagOf('{"page":1}')]);
    const lastSHA1 = state.etag;
    await call((callback) => client.saveState('place', 'text', { ...context(), lastSHA1, callback }));
    await expect(
      call((callback) => client.saveState('place', 'late', { ...context(), lastSHA1, callback })),
    ).rejects.toThrow('412');
    expect(await call((callback) => client.retrieveStateIds({ ...context(), callback }))).toEqual(['place']);
    await call((callback) => client.dropState(null, { ...context(), callback }));
    expect(await call((callback) => client.retrieveStateIds({ ...context(), callback }))).toEqual([]);

    const likes = { agent: agent(), ...json };
    await call((callback) => client.saveAgentProfile('likes', { a: 1 }, { ...likes, callback }));
    const merging = { ...likes, method: 'POST', lastSHA1: etagOf('{"a":1}') };
    await call((callback) => client.saveAgentProfile('likes', { b: 2 }, { ...merging, callback }));
    const profile = await call<TinCanDocument>((callback) =>
      client.retrieveAgentProfile('likes', { agent: agent(), callback }),
    );
    expect(profile.contents).toEqual({ a: 1, b: 2 });
    await call((callback) =>
      client.saveAgentProfile(
        'likes',
        { c: 3 },
        { agent: agent(), ...json, lastSHA1: profile.etag, callback },
      ),
    );
    await call((callback) => client.dropAgentProfile('likes', { agent: agent(), callback }));
    const about = { activity: activity(), ...json };
    await call((callback) => client.saveActivityProfile('tincan', { a: 1 }, { ...about, callback }));
    const ofActivity = await call<TinCanDocument>((callback) =>
      client.retrieveActivityProfile('tincan', { activity: activity(), callback }),
    );
    expect(ofActivity.contents).toEqual({ a: 1 });
    await call((callback) => client.dropActivityProfile('tincan', { activity: activity(), callback }));
  });
});

/** With the status where it fails. */
type Callback = (failure: number | null, result: unknown) => void;

/** What tincanjs calls back. */
function call<T>(run: (callback: Callback) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    run((failure, result) => {
      if (failure === null) resolve(result as T);
      else reject(new Error(`tincanjs was told ${String(failure)}`));
    });
  });
}

interface TinCanDocument {
  readonly contents: unknown;
  readonly etag: string;
}

interface StatementsResult {
  readonly statements: unknown[];
  readonly more: string;
}

type Made<T = object> = new (properties: object) => T;

type Call = (...values: unknown[]) => unknown;

/** What of tincanjs, which has no types, is called here. */
interface TinCanLibrary {
  readonly LRS: Made<
    Record<
      | 'about'
      | 'saveStatement'
      | 'saveStatements'
      | 'retrieveStatement'
      | 'queryStatements'
      | 'moreStatements'
      | 'saveState'
      | 'retrieveState'
      | 'retrieveStateIds'
      | 'dropState'
      | 'saveAgentProfile'
      | 'retrieveAgentProfile'
      | 'dropAgentProfile'
      | 'saveActivityProfile'
      | 'retrieveActivityProfile'
      | 'dropActivityProfile',
      Call
    >
  >;
  readonly Agent: Made;
  readonly Activity: Made;
  readonly Verb: Made;
  readonly Statement: Made<{ readonly id: string }>;
}
