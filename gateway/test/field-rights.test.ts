import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { fieldRights } from '../src/rights/field-rights.ts';
import { rightsInSdl } from '../src/rights/rights-in-sdl.ts';

/** As composition before 2.14 writes it, which hands nothing on between interfaces and types. */
const supergraph = parse(`
  schema
    @link(url: "https://specs.apollo.dev/link/v1.0")
    @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
    @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
    @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  { query: Query }

  interface Medium @join__type(graph: FILES, key: "id") @join__type(graph: RATINGS, key: "id", isInterfaceObject: true) {
    id: ID!
    rating: Int @join__field(graph: RATINGS) @requiresScopes(scopes: [["rating"]])
  }
  type Film implements Medium @join__type(graph: FILES, key: "id") {
    id: ID!
    rating: Int @join__field
    length: Int @join__field(graph: FILES) @requiresScopes(scopes: [["length"]])
    half: Int @join__field(graph: RATINGS, requires: "length owner { name }")
    quarter: Int @join__field(graph: FILES, requires: "half")
  }
  type Owner @join__type(graph: FILES) @requiresScopes(scopes: [["owner"]]) {
    name: String
    friend: Owner
    one: Int @join__field(graph: FILES, requires: "friend { other }")
    other: Int @join__field(graph: RATINGS, requires: "friend { one } secret")
    secret: String @requiresScopes(scopes: [["secret"]])
  }
  extend type Film { owner: Owner }
  type Account @context(name: "files__account") @join__type(graph: FILES) {
    plan: String @requiresScopes(scopes: [["plan"]])
    film: Film
    price: Price
  }
  type Price @join__type(graph: FILES) {
    amount: Int @join__field(
      graph: FILES
      contextArguments: [{ context: "files__account", name: "plan", type: "String", selection: " { plan }" }]
    )
  }
`);

const needs = fieldRights(supergraph, rightsInSdl(supergraph));
const scopes = (type: string, field: string) =>
  needs(type, field)
    .flatMap((clause) => (clause.kind === 'authenticated' ? [] : clause.anyOf.flat()))
    .sort();

describe('what a field needs', () => {
  test.each([
    ['Film', 'id', [], 'nothing, where nothing is said'],
    ['Film', 'rating', ['rating'], 'what an interface object asks for that provides it'],
    ['Film', 'owner', ['owner'], 'what its type asks for, also of an extension'],
    ['Owner', 'name', ['owner'], 'what its parent asks for'],
    ['Film', 'half', ['length', 'owner'], 'what the fields need that its @requires names'],
    ['Film', 'quarter', ['length', 'owner'], 'and those that they need in turn'],
    ['Owner', 'one', ['owner', 'secret'], 'in a circle, too'],
    ['Owner', 'other', ['owner', 'secret'], 'from wherever it is entered'],
    ['Price', 'amount', ['plan'], 'what the fields need that its @fromContext names'],
    ['Account', 'price', [], 'not what is beneath it'],
    ['Nothing', 'nowhere', [], 'nothing, where there is no such field'],
  ])('%s.%s: %j (%s)', (type, field, expected) => {
    expect(scopes(type, field)).toEqual(expected);
  });
});
