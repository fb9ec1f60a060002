import { startSubgraph, type TestSubgraph } from './subgraph.ts';
import { createTopic, type Topic } from './topic.ts';

interface Item {
  readonly sku: string;
  readonly label: string;
  readonly cents: number;
  readonly weight: number;
}

/** What freight was given as input. */
interface Parcel {
  readonly sku: string;
  readonly price?: number;
  readonly weight?: number;
  readonly maker?: { readonly fee: number };
  readonly notes?: readonly { readonly text: string }[];
}

/**
 * Items with prices in a currency (stock), what their transport costs, for which their prices and weights are needed
 * (freight), and the texts of notes on them (notes).
 */
export interface Shop {
  readonly stock: TestSubgraph;
  readonly freight: TestSubgraph;
  readonly all: readonly TestSubgraph[];
  readonly sold: Topic<Item>;
  stop(): Promise<void>;
}

export const items: readonly Item[] = [
  { sku: 'lamp', label: 'Lamp', cents: 100, weight: 3 },
  { sku: 'gift', label: '', cents: 0, weight: 0 },
];

const rates: Readonly<Record<string, number>> = { EUR: 1, USD: 2 };
const fallDown = () => {
  throw new Error('The shelf fell down.');
};
const itemOf = ({ sku }: { sku: string }) => items.find((item) => item.sku === sku);

export async function startShop(): Promise<Shop> {
  const sold = createTopic<Item>();
  const [stock, freight, notes] = await Promise.all([startStock(sold), startFreight(), startNotes()]);
  const all = [stock, freight, notes];
  return {
    stock,
    freight,
    all,
    sold,
    async stop() {
      await Promise.all(all.map((subgraph) => subgraph.stop()));
    },
  };
}

function startStock(sold: Topic<Item>) {
  return startSubgraph({
    name: 'stock',
    sdl: `
      type Query { items: [Item!]!  things: [Thing!]! }
      type Subscription { itemSold: Item! }
      union Thing = Item | Box
      type Item @key(fields: "sku") {
        sku: ID!  label: String  weight: Int @shareable  price(in: String!): Int  maker: Maker
        notes(first: Int!): [Note!]!  broken: String  brokenForAll: String!
      }
      type Maker { fee(in: String!): Int }
      type Note @key(fields: "id") { id: ID! }
      type Box { weight: Int! @shareable }
    `,
    resolvers: {
      Query: {
        items: () => items,
        things: () => [
          { __typename: 'Item', ...items[1] },
          { __typename: 'Box', weight: 0 },
        ],
      },
      Subscription: { itemSold: { subscribe: () => sold.iterate(), resolve: (event: unknown) => event } },
      Item: {
        __resolveReference: itemOf,
        price: ({ cents }: Item, { in: currency }: { in: string }) => cents * (rates[currency] ?? 0),
        maker: ({ cents }: Item) => ({ cents }),
        notes: ({ sku }: Item, { first }: { first: number }) =>
          ['a', 'b', 'c', 'd'].slice(0, first).map((name) => ({ id: `${sku}-${name}` })),
        broken: fallDown,
        brokenForAll: fallDown,
      },
      Maker: {
        fee: ({ cents }: Item, { in: currency }: { in: string }) => (cents / 10) * (rates[currency] ?? 0),
      },
    },
  });
}

function startFreight() {
  const costOf = ({ price, weight }: Parcel) => {
    if (price === undefined || weight === undefined) throw new Error('Neither price nor weight came.');
    return price * weight;
  };
  return startSubgraph({
    name: 'freight',
    sdl: `
      type Item @key(fields: "sku") {
        sku: ID!
        weight: Int @external
        price(in: String!): Int @external
        maker: Maker @external
        notes(first: Int!): [Note!]! @external
        homeCost: Int @requires(fields: "price(in: \\"EUR\\") weight")
        abroadCost(surcharge: Int! = 0): Int @requires(fields: "price(in: \\"USD\\") weight")
        homeDuty: Int @requires(fields: "maker { fee(in: \\"EUR\\") }")
        abroadDuty: Int @requires(fields: "maker { fee(in: \\"USD\\") }")
        slip: String @requires(fields: "notes(first: 2) { text }")
        carrier: String
      }
      type Maker { fee(in: String!): Int @external }
      type Note @key(fields: "id") { id: ID!  text: String @external }
    `,
    resolvers: {
      Item: {
        __resolveReference: (parcel: Parcel) => parcel,
        homeCost: costOf,
        abroadCost: (parcel: Parcel, { surcharge }: { surcharge: number }) => costOf(parcel) + surcharge,
        homeDuty: ({ maker }: Parcel) => maker?.fee,
        abroadDuty: ({ maker }: Parcel) => maker?.fee,
        slip: ({ notes = [] }: Parcel) => notes.map(({ text }) => text).join(', '),
        carrier: () => 'Post',
      },
    },
  });
}

function startNotes() {
  return startSubgraph({
    name: 'notes',
    sdl: `
      type Query { box: Box }
      type Note @key(fields: "id") { id: ID!  text: String }
      type Box { weight: Int @shareable }
    `,
    resolvers: {
      Query: { box: () => ({ weight: null }) },
      Note: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        text: ({ id }: { id: string }) => `on ${id}`,
      },
    },
  });
}
