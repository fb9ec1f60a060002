import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './kit/eventually.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { items, startShop, type Shop } from './kit/shop.ts';

let shop: Shop;
let gateway: TestGateway;

beforeAll(async () => {
  shop = await startShop();
  gateway = await startGateway(shop.all);
});

beforeEach(() => {
  for (const subgraph of shop.all) subgraph.received.length = 0;
});

afterAll(async () => {
  await gateway.stop();
  await shop.stop();
});

/** The data of an answer that has no errors. */
async function dataOf(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await gateway.query(query, { variables });
  expect(errors).toBeUndefined();
  return data;
}

const representations = () =>
  shop.freight.received.map(
    ({ variables }) => (variables['representations'] as Record<string, unknown>[])[0],
  );

describe('a field that @requires one with arguments', () => {
  test('gets it, also where it is 0', async () => {
    expect(await dataOf('{ items { homeCost } }')).toEqual({ items: [{ homeCost: 300 }, { homeCost: 0 }] });
    expect(representations()).toEqual([{ __typename: 'Item', sku: 'lamp', price: 100, weight: 3 }]);
  });

  test.each([
    [
      'asks for the same field with other arguments',
      'price(in: "USD") homeCost',
      { price: 200, homeCost: 300 },
    ],
    ['does so by variables', 'price(in: $currency) homeCost', { price: 200, homeCost: 300 }],
    ['gives another field its name', 'price: label homeCost', { price: 'Lamp', homeCost: 300 }],
    ['gives that field another name', 'p: price(in: "USD") homeCost', { p: 200, homeCost: 300 }],
    ['asks for the very same', 'price(in: "EUR") homeCost', { price: 100, homeCost: 300 }],
    [
      'asks for fewer of a list',
      'notes(first: 1) { id } slip',
      { notes: [{ id: 'lamp-a' }], slip: 'on lamp-a, on lamp-b' },
    ],
    ['asks for others inside', 'maker { fee(in: "USD") } homeDuty', { maker: { fee: 20 }, homeDuty: 10 }],
  ])('gets what is meant where the client %s', async (_name, selection, expected) => {
    const data = await dataOf(
      `query($currency: String = "USD") { items { last: price(in: $currency) ${selection} } }`,
    );
    expect(data).toMatchObject({ items: [expected, {}] });
  });

  test('shares what it needs with others that need the same', async () => {
    await dataOf('{ items { homeCost homeDuty carrier } }');
    expect(shop.freight.received).toHaveLength(1);
  });
});

describe('two fields that @require one field with different arguments', () => {
  test('get each its own', async () => {
    const data = await dataOf('{ items { label homeCost abroadCost homeDuty abroadDuty carrier } }');
    expect(data).toEqual({
      items: [
        { label: 'Lamp', homeCost: 300, abroadCost: 600, homeDuty: 10, abroadDuty: 20, carrier: 'Post' },
        { label: '', homeCost: 0, abroadCost: 0, homeDuty: 0, abroadDuty: 0, carrier: 'Post' },
      ],
    });
    expect(shop.freight.received).toHaveLength(2);
  });

  test('with arguments by variables, in fragments and under conditions', async () => {
    const query = `query($more: Int!, $home: Boolean!) {
      items { ...Costs @include(if: $home) ... on Item { abroadCost(surcharge: $more) } }
    }
    fragment Costs on Item { homeCost carrier }`;
    expect(await dataOf(query, { more: 7, home: true })).toMatchObject({
      items: [{ homeCost: 300, carrier: 'Post', abroadCost: 607 }, {}],
    });
    expect(await dataOf(query, { more: 7, home: false })).toEqual({
      items: [{ abroadCost: 607 }, { abroadCost: 7 }],
    });
  });
});

describe('an alias that is the name of what the planner fetches', () => {
  test.each([
    ['a key', 'sku: label carrier', { sku: 'Lamp', carrier: 'Post' }],
    ['the type', '__typename: label carrier', { __typename: 'Lamp', carrier: 'Post' }],
    ['what a @requires needs', 'weight: label homeCost', { weight: 'Lamp', homeCost: 300 }],
    [
      'a name of the gateway',
      'lyceum__0_price: label lyceum__sku: label homeCost',
      { lyceum__0_price: 'Lamp', lyceum__sku: 'Lamp', homeCost: 300 },
    ],
    [
      'several, inside',
      'notes(first: 1) { id: text text: id }',
      { notes: [{ id: 'on lamp-a', text: 'lamp-a' }] },
    ],
  ])('is the client’s own: %s', async (_name, selection, expected) => {
    expect(await dataOf(`{ items { ${selection} } }`)).toMatchObject({ items: [expected, {}] });
  });

  test('keeps its place among the others', async () => {
    const data = await dataOf('{ items { label sku: label carrier } }');
    const [item] = data?.['items'] as object[];
    expect(Object.keys(item ?? {})).toEqual(['label', 'sku', 'carrier']);
  });

  test('stands in the paths of errors', async () => {
    const { data, errors } = await gateway.query('{ items { sku: broken carrier } }');
    expect(data).toMatchObject({ items: [{ sku: null, carrier: 'Post' }, {}] });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['items', 0, 'sku'],
      ['items', 1, 'sku'],
    ]);
  });

  test('of one operation in a document of several', async () => {
    const query = 'query One { items { sku: label } } query Two { items { sku } }';
    const one = await gateway.query(query, { operationName: 'One' });
    const two = await gateway.query(query, { operationName: 'Two' });
    expect([one.data, two.data]).toMatchObject([
      { items: [{ sku: 'Lamp' }, {}] },
      { items: [{ sku: 'lamp' }, {}] },
    ]);
  });
});

describe('in subscriptions', () => {
  test('the same holds for each event, and for its errors', async () => {
    const client = gateway.connect();
    const query = 'subscription { itemSold { sku: label price: label homeCost abroadCost id: broken } }';
    const watched = watch(client, query);
    await eventually('the subscription', () => shop.stock.live() === 1);
    for (const item of items) shop.sold.publish(item);
    await eventually('both events', () => watched.results.length === 2);
    expect(watched.results.map(({ data }) => data?.['itemSold'])).toEqual([
      { sku: 'Lamp', price: 'Lamp', homeCost: 300, abroadCost: 600, id: null },
      { sku: '', price: '', homeCost: 0, abroadCost: 0, id: null },
    ]);
    expect(watched.results[0]?.errors?.map(({ path }) => path)).toEqual([['itemSold', 'id']]);
    await client.dispose();
  });
});

test('an event without data tells where, too', async () => {
  const client = gateway.connect();
  await eventually('those before to end', () => shop.stock.live() === 0);
  const watched = watch(client, 'subscription { itemSold { sku: brokenForAll homeCost } }');
  await eventually('the subscription', () => shop.stock.live() === 1);
  for (const item of items.slice(0, 1)) shop.sold.publish(item);
  await eventually('the event', () => watched.results.length === 1);
  expect(watched.results).toMatchObject([{ data: null, errors: [{ path: ['itemSold', 'sku'] }] }]);
  await client.dispose();
});

test('what a subgraph calls by two names for its types is not lost where it is 0', async () => {
  const data = await dataOf('{ things { ... on Item { weight } ... on Box { weight } } }');
  expect(data).toEqual({ things: [{ weight: 0 }, { weight: 0 }] });
  expect(shop.stock.received[0]?.query).toContain('weight__alias_0');
});
