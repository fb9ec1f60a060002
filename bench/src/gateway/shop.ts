import type { SubgraphName } from './graph.ts';

const names = ['Ada Moss', 'Ben Hale', 'Cleo Marsh', 'Dan Frost', 'Eve Lark', 'Finn Reed'];
const goods = ['Desk', 'Chair', 'Lamp', 'Shelf', 'Board', 'Globe', 'Microscope', 'Telescope', 'Blackboard'];

const users = names.map((name, index) => ({
  id: `${index + 1}`,
  name,
  username: name.toLowerCase().replace(' ', '_'),
}));
const products = goods.map((name, index) => ({
  upc: `${index + 1}`,
  name,
  price: 99 + 150 * index,
  weight: 40 + 55 * index,
}));
/** As long as people write, and not of one length. */
const sentences = [
  'We use it in three classrooms, every day of the week, and it has not let us down once since last autumn.',
  'Setting it up took one person less than an hour, most of which went into finding the right place for it.',
  'The instructions are short, in four languages, and leave out what everybody will ask themselves on the first day.',
  'If it were a little lighter, we would carry it between buildings; as it is, we bought a second one instead.',
  'Delivery was a week late, but they called us before we called them, and brought it up to the second floor.',
  'Whoever looks for something cheaper will find it, and will be looking again in a year.',
];
const reviews = Array.from({ length: 17 }, (_, index) => ({
  id: `${index + 1}`,
  body: Array.from({ length: 2 + (index % 4) }, (_sentence, at) => sentences[(index + at) % 6]).join(' '),
  author: { id: `${(index % users.length) + 1}` },
  product: { upc: `${(index % products.length) + 1}` },
}));

const reviewed = {
  User: {
    reviews: ({ id }: { id: string }) => reviews.filter(({ author }) => author.id === id),
  },
  Product: {
    reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product.upc === upc),
  },
};

/** What each subgraph answers with. */
export const resolvers: Readonly<Record<SubgraphName, object>> = {
  accounts: {
    Query: {
      users: () => users,
      user: (_root: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
    },
    User: { __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) },
  },
  products: {
    Query: { topProducts: (_root: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: {
      __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc),
    },
  },
  reviews: reviewed,
  inventory: {
    Product: {
      __resolveReference: ({ upc, price, weight }: { upc: string; price?: number; weight?: number }) => ({
        upc,
        inStock: Number(upc) % 3 !== 0,
        shippingEstimate: price !== undefined && weight !== undefined && price > 500 ? 0 : 2 * (weight ?? 0),
      }),
    },
  },
};
