import { composeSupergraph } from '@lyceum/schema';

/** The shape of The Guild's benchmark of gateways: who writes reviews of which products, and what is in stock. */
export const subgraphNames = ['accounts', 'products', 'reviews', 'inventory'] as const;
export type SubgraphName = (typeof subgraphNames)[number];
export type Urls = Readonly<Record<SubgraphName, string>>;

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])`;

export const sdl: Readonly<Record<SubgraphName, string>> = {
  accounts: `${link}
    type Query { users: [User] user(id: ID!): User }
    type User @key(fields: "id") { id: ID! name: String username: String }`,
  products: `${link}
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `${link}
    type Query { reviewCount: Int }
    type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
    type User @key(fields: "id") { id: ID! reviews: [Review] }
    type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
  inventory: `${link}
    type Query { warehouses: Int }
    type Product @key(fields: "upc") {
      upc: String!
      price: Int @external
      weight: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }`,
};

const product = `fragment Product on Product { inStock name price shippingEstimate upc weight }`;
const user = `fragment User on User { id username name }`;
const review = `fragment Review on Review { id body }`;

/** Users and products, their reviews, the authors and products of those, and once more: four subgraphs, many repeats. */
const large = `query Reviews {
  users {
    ...User
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}
${product} ${user} ${review}`;

/** What most requests of most clients are like. */
const small = `query User($id: ID!) { user(id: $id) { id name username } }`;

export const bodies = {
  large: JSON.stringify({ query: large }),
  small: JSON.stringify({ query: small, variables: { id: '3' } }),
};
export type Size = keyof typeof bodies;

export function composeGraph(urls: Urls): string {
  return composeSupergraph(
    subgraphNames.map((name) => ({ name, url: urls[name], sdl: sdl[name], file: `bench/${name}.graphql` })),
  );
}
