import { expect, jest, test } from '@jest/globals';
import { untilEnded } from '../src/clickhouse/http/until-ended.ts';

/** A promise that is settled from outside. */
function settledByHand<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<Value>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

/** A query that the engine registers only after it has been asked `missed` times to end. */
function queryThatMisses(missed: number) {
  const { promise: running, reject } = settledByHand<string>();
  let asked = 0;
  const cancel = jest.fn(() => {
    asked += 1;
    if (asked > missed) reject(new Error('cancelled'));
    return Promise.resolve();
  });
  return { running, cancel };
}

const onFailure = jest.fn<(error: unknown) => void>();

test('a query that the first KILLs did not find is asked until it ends, and no longer', async () => {
  const { running, cancel } = queryThatMisses(3);
  const client = new AbortController();
  const ended = untilEnded(running, { signal: client.signal, cancel, onFailure });
  client.abort();
  await expect(ended).rejects.toThrow('cancelled');
  expect(cancel).toHaveBeenCalledTimes(4);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(cancel).toHaveBeenCalledTimes(4);
});

test('a KILL that fails is told, and tried again', async () => {
  const { running, cancel } = queryThatMisses(0);
  cancel.mockRejectedValueOnce(new Error('no memory'));
  const ended = untilEnded(running, { signal: AbortSignal.abort(), cancel, onFailure });
  await expect(ended).rejects.toThrow('cancelled');
  expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ message: 'no memory' }));
});

test('nothing is given back while a KILL is under way, which could meet the next statement', async () => {
  const query = settledByHand<string>();
  const kill = settledByHand<undefined>();
  const client = new AbortController();
  const steps: string[] = [];
  const ended = untilEnded(query.promise, {
    signal: client.signal,
    cancel: () => kill.promise.then(() => void steps.push('killed')),
    onFailure,
  }).then(() => steps.push('given back'));
  client.abort();
  query.resolve('done');
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual([]);
  kill.resolve(undefined);
  await ended;
  expect(steps).toEqual(['killed', 'given back']);
});

test('a query whose client stays is not asked to end', async () => {
  const cancel = jest.fn(() => Promise.resolve());
  const client = new AbortController();
  expect(await untilEnded(Promise.resolve('rows'), { signal: client.signal, cancel, onFailure })).toBe(
    'rows',
  );
  client.abort();
  expect(cancel).not.toHaveBeenCalled();
});
