import { heldPermissions, TokenError, type Role, type TokenVerifier } from '@lyceum/service';
import { startSubgraph, type TestSubgraph } from './subgraph.ts';
import { createTopic, type Topic } from './topic.ts';

interface Change {
  readonly id: string;
}

/** People and companies, of which much is kept from strangers, and receipts for people, for which their mail is needed. */
export interface Registry {
  readonly parties: TestSubgraph;
  readonly receipts: TestSubgraph;
  readonly all: readonly TestSubgraph[];
  readonly changes: Topic<Change>;
  stop(): Promise<void>;
}

const rights = ['@authenticated', '@requiresScopes', '@policy'];
const mail = '@requiresScopes(scopes: [["people:read", "mail:read"], ["admin"]])';

export async function startRegistry(): Promise<Registry> {
  const changes = createTopic<Change>();
  const [parties, receipts] = await Promise.all([startParties(changes), startReceipts()]);
  const all = [parties, receipts];
  return {
    parties,
    receipts,
    all,
    changes,
    async stop() {
      await Promise.all(all.map((subgraph) => subgraph.stop()));
    },
  };
}

/** Takes tokens of the form `<user>`, `<user>;<scopes, by comma>` and `<user>;<scopes>;<role>`; refuses `forged`. */
export function createScopedVerifier(): TokenVerifier {
  let lifetimeMs = 600_000;
  return {
    async verify(token) {
      if (token === 'forged') throw new TokenError('The access token is not valid.');
      const [userId = '', scopes = '', role] = token.split(';');
      const roles = role === undefined ? [] : [role as Role];
      // Each ends later than the one before, so that it may take its place.
      lifetimeMs += 1_000;
      return {
        userId,
        organisationId: 'organisation',
        roles,
        ...heldPermissions({ roles }),
        sessionId: `session-of-${userId}`,
        scopes: scopes.split(',').filter(Boolean),
        expiresAt: new Date(Date.now() + lifetimeMs),
        issuedAt: new Date(),
      };
    },
  };
}

const people: Readonly<Record<string, object>> = {
  ada: { __typename: 'Person', id: 'ada', name: 'Ada', email: 'ada@example.org', tier: 'GOLD', tin: '11' },
  ben: { __typename: 'Person', id: 'ben', name: 'Ben', email: 'ben@example.org', tier: 'SILVER', tin: '22' },
};
const company = { __typename: 'Company', id: 'acme', name: 'Acme', motto: 'More.' };
const everybody = () => Object.values(people);

function startParties(changes: Topic<Change>) {
  return startSubgraph({
    name: 'parties',
    imports: rights,
    sdl: `
      type Query {
        me: Person @authenticated
        person(id: ID!): Person
        people: [Person!]!
        peopleOrNone: [Person!]
        parties: [Party!]!
        holders: [Holder!]!
        things: [Thing!]!
        published: String @policy(policies: [["course.publish"]])
        unheardOf: String @policy(policies: [["course.publish", "course.unheard-of"], ["unheard.of"]])
        nobodys: String @requiresScopes(scopes: [])
        both: String @authenticated @requiresScopes(scopes: [["admin"]])
      }
      type Mutation {
        touch(id: ID!): Person
        wipe: Boolean @requiresScopes(scopes: [["people:write"]])
      }
      type Subscription { changed: Person  changedForAdmins: Person @requiresScopes(scopes: [["admin"]]) }
      interface Party { id: ID!  name: String }
      interface Holder { id: ID! }
      type Person implements Party @key(fields: "id") {
        id: ID!  name: String  email: String ${mail}  tier: Tier  tin: Tin
        code: String! @authenticated
        friends: [Person!]!
      }
      type Company implements Party @key(fields: "id") { id: ID!  name: String @authenticated  motto: String }
      type Account implements Holder { id: ID! }
      type Trust implements Holder @authenticated { id: ID! }
      union Thing = Person | Safe
      type Safe @policy(policies: [["course.publish"]]) { id: ID! }
      enum Tier @authenticated { GOLD SILVER }
      scalar Tin @requiresScopes(scopes: [["tax"]])
    `,
    resolvers: {
      Query: {
        me: () => people['ada'],
        person: (_: unknown, { id }: Change) => people[id],
        people: everybody,
        peopleOrNone: everybody,
        parties: () => [people['ada'], company],
        holders: () => [
          { __typename: 'Account', id: 'account' },
          { __typename: 'Trust', id: 'trust' },
        ],
        things: () => [people['ada'], { __typename: 'Safe', id: 'safe' }],
        published: () => 'published',
        unheardOf: () => 'unheard of',
        nobodys: () => 'of nobody',
        both: () => 'both',
      },
      Mutation: { touch: (_: unknown, { id }: Change) => people[id], wipe: () => true },
      Subscription: {
        changed: { subscribe: () => changes.iterate(), resolve: ({ id }: Change) => people[id] },
        changedForAdmins: { subscribe: () => changes.iterate(), resolve: ({ id }: Change) => people[id] },
      },
      Person: {
        __resolveReference: ({ id }: Change) => people[id],
        code: ({ id }: Change) => `code of ${id}`,
        friends: ({ id }: Change) => everybody().filter((each) => (each as Change).id !== id),
      },
      Company: { __resolveReference: () => company },
    },
  });
}

function startReceipts() {
  return startSubgraph({
    name: 'receipts',
    imports: rights,
    sdl: `
      type Person @key(fields: "id") {
        id: ID!
        email: String @external
        receipt: String @requires(fields: "email") ${mail}
        visits: Int
      }
    `,
    resolvers: {
      Person: {
        __resolveReference: (given: object) => given,
        receipt: ({ email }: { email?: string }) => `to ${email}`,
        visits: () => 3,
      },
    },
  });
}
