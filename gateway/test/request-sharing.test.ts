import { describe, expect, test } from '@jest/globals';
import type { Viewer } from '@lyceum/service';
import type { ExecutionContext } from '../src/federation/generation.ts';
import { createRequestSharing } from '../src/federation/request-sharing.ts';
import type { RequestContext } from '../src/requests/context.ts';
import { createFlights } from '../src/subgraphs/flights.ts';
import { executionContext } from '../src/subscriptions/execution-context.ts';
import { parseOperation } from '../src/subscriptions/operation.ts';

const viewer = { userId: 'ada', organisationId: 'school', sessionId: 'one' } as Viewer;
const asked: RequestContext = {
  requestId: 'first',
  client: { address: '127.0.0.1', userAgent: undefined },
  viewer,
  authorization: 'Bearer ada',
};

function contextOf(
  changed: Partial<RequestContext> = {},
  query = 'query A($id: ID) { person(id: $id) { id } }',
  variables: Record<string, unknown> = { id: 'ada' },
): ExecutionContext {
  const operation = parseOperation({ query, variables }, { depth: 9, cost: 9, tokens: 999 });
  return executionContext(operation, { schema: undefined } as never, { ...asked, ...changed });
}

/** How often two operations are executed that are asked at the same time. */
async function executions(one: ExecutionContext, other: ExecutionContext): Promise<number> {
  const sharing = createRequestSharing(createFlights());
  let count = 0;
  const execute = async () => (count += 1);
  await Promise.all([sharing(one, execute), sharing(other, execute)]);
  return count;
}

describe('operations that are asked at the same time', () => {
  test('are executed once where they and who asks are the same', async () => {
    expect(await executions(contextOf(), contextOf({ requestId: 'second' }))).toBe(1);
  });

  test.each([
    ['token', contextOf({ authorization: 'Bearer ben' })],
    ['absent token', contextOf({ authorization: undefined })],
    ['user', contextOf({ viewer: { ...viewer, userId: 'ben' } })],
    ['organisation', contextOf({ viewer: { ...viewer, organisationId: 'other' } })],
    ['session', contextOf({ viewer: { ...viewer, sessionId: 'two' } })],
    ['absent viewer', contextOf({ viewer: undefined })],
    ['variable', contextOf({}, undefined, { id: 'ben' })],
    ['absent variable', contextOf({}, undefined, {})],
    ['operation', contextOf({}, 'query A($id: ID) { person(id: $id) { id name } }')],
  ])('are executed each where one has another %s', async (_what, other) => {
    expect(await executions(contextOf(), other)).toBe(2);
  });

  test('are executed each where they write', async () => {
    const write = contextOf({}, 'mutation { rename { id } }');
    expect(await executions(write, write)).toBe(2);
  });

  test('are executed each where they complete the event of a subscription', async () => {
    const event = contextOf({ event: { data: {} } });
    expect(await executions(event, event)).toBe(2);
  });

  test('are executed each on two supergraphs', async () => {
    const flights = createFlights();
    let count = 0;
    const execute = async () => (count += 1);
    await Promise.all([1, 2].map(() => createRequestSharing(flights)(contextOf(), execute)));
    expect(count).toBe(2);
  });

  test('do not join one that began before a write ended', async () => {
    const flights = createFlights();
    const sharing = createRequestSharing(flights);
    let count = 0;
    const execute = async () => (count += 1);
    const before = sharing(contextOf(), execute);
    flights.forget();
    await Promise.all([before, sharing(contextOf(), execute)]);
    expect(count).toBe(2);
  });

  test('are executed anew after one that failed', async () => {
    const sharing = createRequestSharing(createFlights());
    await expect(
      sharing(contextOf(), async () => {
        throw new Error('It fell down.');
      }),
    ).rejects.toThrow('It fell down.');
    await expect(sharing(contextOf(), async () => 'well')).resolves.toBe('well');
  });
});
