import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { comparisonsIn } from '../src/limits/comparisons.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

const repeat = (text: string, times: number) => Array.from({ length: times }, () => text).join(' ');

describe('the comparisons that a document takes', () => {
  const comparisons = (text: string, most = 1_000_000) => comparisonsIn(parse(text), most);

  test.each([
    ['each name once: none', '{ a b { c } d: a }', 0],
    ['of one name each pair', `{ ${repeat('a', 10)} }`, 45],
    ['an alias is a name', `{ ${repeat('x: a', 3)} x }`, 6],
    ['what is beneath is compared with what is beneath the others', '{ a { b } a { b } a { b } }', 3 + 3],
    ['a fragment counts where it is spread', '{ a ...F } fragment F on T { a }', 1],
    ['the same fragment once in one object', '{ ...F ...F } fragment F on T { a a }', 1 + 1],
    ['in several objects in each', '{ x: q { ...F } y: q { ...F } } fragment F on T { a a }', 2 + 1],
    ['an inline fragment is of the object around it', '{ a ... on T { a } ... @include(if: true) { a } }', 3],
    ['several operations together', 'query A { a a } query B { a a }', 2],
    [
      'a fragment that spreads itself is followed once',
      '{ ...F } fragment F on T { a b { ...F a } a }',
      1 + 1,
    ],
    ['a fragment that is not there is nothing', '{ ...Nowhere a }', 0],
  ])('%s', (_name, text, expected) => {
    expect(comparisons(text)).toBe(expected);
  });

  // Were they counted to their end, this would take years, not the time of a test.
  test('are not counted beyond the limit, nor through fragments that double forty times', () => {
    expect(comparisons(`{ ${repeat('a', 1_000)} }`, 100)).toBe(Infinity);
    const bomb = Array.from(
      { length: 40 },
      (_, index) => `fragment F${index} on T { a { ...F${index + 1} } b { ...F${index + 1} } }`,
    );
    expect(comparisons(`{ ...F0 } ${bomb.join(' ')} fragment F40 on T { c }`)).toBe(Infinity);
  });
});

describe('a document that repeats its fields too often is refused before it is validated', () => {
  let school: School;
  let gateway: TestGateway;

  beforeAll(async () => {
    school = await startSchool();
    gateway = await startGateway(school.all);
  });

  afterAll(async () => {
    await gateway.stop();
    await school.stop();
  });

  const flat = `{ ${repeat('nothing', 1_000)} }`;
  const nested = `{ ${repeat('nobody { nothing nothing }', 240)} }`;
  const spread = `{ ${repeat('nothing', 200)} ...F } fragment F on Query { ${repeat('nothing', 200)} }`;

  test.each([
    ['in one object', flat],
    ['in objects that are one', nested],
    ['by a fragment', spread],
  ])('%s', async (_name, query) => {
    for (const _time of ['first', 'again']) {
      const { status, errors } = await gateway.query(query);
      expect(status).toBe(400);
      // Were it validated, it would be told that there are no such fields.
      expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_REPETITIVE', limit: 50_000 } }]);
    }
  });

  test('over a socket, too', async () => {
    const client = gateway.connect();
    const end = await watch(client, flat).end;
    expect(end).toMatchObject([{ extensions: { code: 'OPERATION_TOO_REPETITIVE' } }]);
    await client.dispose();
  });

  test('one that stays within is answered, every time', async () => {
    const query = `{ ${repeat('whoami', 200)} }`;
    for (const _time of ['first', 'again']) expect(await gateway.query(query)).toMatchObject({ status: 200 });
  });
});
