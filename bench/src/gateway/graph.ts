import { composeSupergraph } from '@lyceum/schema';

/** Courses, who teaches them, and how far their learners are: three subgraphs, two of them asked by key. */
export const subgraphNames = ['catalog', 'identity', 'learning'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

const sdl: Readonly<Record<SubgraphName, string>> = {
  catalog: `${link}
    type Query { courses: [Course!]! }
    type Course @key(fields: "id") { id: ID! title: String! summary: String! modules: [Module!]! teacher: User learners: [User!]! }
    type Module { id: ID! title: String! position: Int! }
    type User @key(fields: "id", resolvable: false) { id: ID! }`,
  identity: `${link}
    type Query { viewer: User }
    type User @key(fields: "id") { id: ID! name: String! email: String! }`,
  learning: `${link}
    type Query { progressCount: Int }
    type Course @key(fields: "id") { id: ID! percent: Int! enrolled: Int! }
    type User @key(fields: "id") { id: ID! completed: Int! }`,
};

/** The query that is measured: 40 courses, 10 learners each out of 60 people; three subgraphs, four fetches. */
export const query = `query Courses {
  courses {
    id title summary percent enrolled
    modules { id title position }
    teacher { id name email completed }
    learners { id name completed }
  }
}`;

export function composeGraph(urls: Readonly<Record<SubgraphName, string>>): string {
  return composeSupergraph(
    subgraphNames.map((name) => ({ name, url: urls[name], sdl: sdl[name], file: `bench/${name}.graphql` })),
  );
}
