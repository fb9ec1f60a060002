import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { startSubgraph, type TestSubgraph } from './kit/subgraph.ts';

let subgraphs: TestSubgraph[];
let gateway: TestGateway;

interface Seat {
  readonly id?: string;
  readonly number?: string;
  readonly row?: string;
  readonly holder?: string;
}

const seat = { __typename: 'Seat', id: 's1', number: 'n1', row: { hall: 'H', line: '7' } };

beforeAll(async () => {
  subgraphs = await Promise.all([
    startSubgraph({
      name: 'holders',
      sdl: 'type Seat @key(fields: "id") { id: ID!  holder: String! }',
      resolvers: { Seat: { __resolveReference: ({ id }: Seat) => ({ id, holder: 'Ada' }) } },
    }),
    startSubgraph({
      name: 'seats',
      sdl: `
        type Query { seat: Seat }
        type Seat @key(fields: "number", resolvable: false) @key(fields: "id row { line }") @key(fields: "id", resolvable: false) {
          id: ID!  number: ID!  row: Row!
          holder: String! @external
          label: String! @requires(fields: "holder")
        }
        type Row { hall: String!  line: String! }
      `,
      resolvers: {
        Query: { seat: () => seat },
        Seat: {
          __resolveReference: (given: Seat) => {
            if (given.row === undefined) throw new Error('A seat is found by its id and line.');
            return { ...seat, ...given };
          },
          label: ({ holder }: Seat) => `Seat of ${holder}`,
        },
      },
    }),
  ]);
  gateway = await startGateway(subgraphs);
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
});

describe('a subgraph that is come back to with what it @requires', () => {
  test('is asked by a key that it resolves, not by the first that it names', async () => {
    const { data, errors } = await gateway.query('{ seat { holder label } }');
    expect({ data, errors }).toEqual({
      data: { seat: { holder: 'Ada', label: 'Seat of Ada' } },
      errors: undefined,
    });
    const [seats] = subgraphs.filter(({ name }) => name === 'seats');
    expect(seats?.received.at(-1)?.variables).toEqual({
      representations: [{ __typename: 'Seat', id: 's1', row: { line: '7' }, holder: 'Ada' }],
    });
  });
});
