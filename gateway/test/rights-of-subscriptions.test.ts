import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './kit/eventually.ts';
import { singleStream } from './kit/event-stream.ts';
import { composed, startGateway, type TestGateway } from './kit/gateway.ts';
import { initialised, subscribe, type RawSocket } from './kit/raw-socket.ts';
import { createScopedVerifier, startRegistry, type Registry } from './kit/registry.ts';

let registry: Registry;
let gateway: TestGateway;

beforeAll(async () => {
  registry = await startRegistry();
  gateway = await startGateway(registry.all, { verifier: createScopedVerifier() });
});

afterAll(async () => {
  await gateway.stop();
  await registry.stop();
});

afterEach(() => eventually('no subscription is left at the subgraph', () => registry.parties.live() === 0));

const open = 'subscription { changed { name } }';
const withMail = 'subscription { changed { name email } }';
const forAdmins = 'subscription { changedForAdmins { name } }';
const refused = (field: string) => [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', field } }];

async function subscribed(token: string | undefined, ...queries: string[]): Promise<RawSocket> {
  const raw = await initialised(gateway.url, token === undefined ? undefined : { token });
  queries.forEach((query, index) => {
    raw.send(subscribe(`${index}`, query));
  });
  return raw;
}

const isLive = (count: number) =>
  eventually(`${count} at the subgraph`, () => registry.parties.live() === count, 5_000);

async function nextOf(raw: RawSocket, id: string): Promise<unknown> {
  const before = raw.messages.length;
  const isIt = ({ type, id: of }: { type: string; id?: string }) => type === 'next' && of === id;
  registry.changes.publish({ id: 'ada' });
  await eventually(`an event of ${id}`, () => raw.messages.slice(before).some(isIt), 5_000);
  return raw.messages.slice(before).find(isIt)?.payload;
}

describe('a subscription of which something is refused', () => {
  test.each([
    ['its root field', forAdmins, 'ada', 'Subscription.changedForAdmins'],
    ['a field beneath', withMail, undefined, 'Person.email'],
    ['a field of another subgraph', 'subscription { changed { receipt } }', 'ada', 'Person.receipt'],
  ])('does not begin on a socket: %s', async (_name, query, token, field) => {
    const opened = registry.parties.opened();
    const raw = await subscribed(token, query);
    expect((await raw.message('error', '0')).payload).toMatchObject(refused(field));
    expect(registry.parties.opened()).toBe(opened);
    raw.socket.close();
  });

  test.each([['text/event-stream'], ['multipart/mixed;subscriptionSpec=1.0']])(
    'nor as an answer of %s',
    async (accept) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: withMail }),
      });
      const text = await response.text();
      expect(text).toContain('"UNAUTHORIZED_FIELD_OR_TYPE"');
      expect(text).not.toContain('"data"');
    },
  );

  test('nor on an event stream of many', async () => {
    const stream = singleStream(gateway.url, 'Bearer ada');
    const token = await stream.reserve();
    const response = await stream.run(token, '1', forAdmins);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: refused('Subscription.changedForAdmins') });
    stream.leave();
  });

  test('begins for whoever may have all of it', async () => {
    const raw = await subscribed('ada;admin', withMail, forAdmins);
    await isLive(2);
    expect(await nextOf(raw, '0')).toEqual({ data: { changed: { name: 'Ada', email: 'ada@example.org' } } });
    raw.socket.close();
  });
});

describe('when the rights of who is connected change', () => {
  const renew = async (raw: RawSocket, token: string) => {
    raw.send({ type: 'ping', payload: { authorization: `Bearer ${token}` } });
    expect((await raw.message('pong')).payload).toMatchObject({ renewed: true });
  };

  test('a subscription that they may not have any more ends, and the others go on', async () => {
    const raw = await subscribed('ada;admin', open, withMail, forAdmins);
    await isLive(3);
    await renew(raw, 'ada;people:read');
    expect((await raw.message('error', '1')).payload).toMatchObject(refused('Person.email'));
    expect((await raw.message('error', '2')).payload).toMatchObject(refused('Subscription.changedForAdmins'));
    await isLive(1);
    expect(await nextOf(raw, '0')).toEqual({ data: { changed: { name: 'Ada' } } });
    expect(raw.messages.filter(({ id, type }) => id !== '0' && type === 'next')).toEqual([]);
    raw.socket.close();
  });

  test('one that they may have goes on where their rights are others', async () => {
    const raw = await subscribed('ada;admin', withMail);
    await isLive(1);
    const opened = registry.parties.opened();
    await renew(raw, 'ada;people:read,mail:read');
    await eventually('it is begun anew', () => registry.parties.opened() === opened + 1, 5_000);
    expect(await nextOf(raw, '0')).toMatchObject({ data: { changed: { email: 'ada@example.org' } } });
    raw.socket.close();
  });

  test('what they may have now, they may ask for on the same socket', async () => {
    const raw = await subscribed('ada', withMail);
    await raw.message('error', '0');
    await renew(raw, 'ada;admin');
    raw.send(subscribe('1', withMail));
    await isLive(1);
    expect(await nextOf(raw, '1')).toMatchObject({ data: { changed: { email: 'ada@example.org' } } });
    raw.socket.close();
  });
});

test('when a new supergraph keeps something from them, their subscription ends with that', async () => {
  const withRights = composed(registry.all);
  const without = withRights.replace(/(email: String [^\n]*?) @requiresScopes\(.*?\]\]\)/, '$1');
  expect(without).not.toBe(withRights);
  const changing = await startGateway(registry.all, {
    verifier: createScopedVerifier(),
    supergraphSdl: without,
  });
  const raw = await initialised(changing.url, { token: 'ada' });
  raw.send(subscribe('0', withMail));
  await isLive(1);
  expect(await changing.generations.replace(withRights)).toBe('replaced');
  expect((await raw.message('error', '0')).payload).toMatchObject(refused('Person.email'));
  await isLive(0);
  raw.socket.close();
  await changing.stop();
});
