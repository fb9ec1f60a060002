import { expect, test } from '@jest/globals';
import { Partitioners } from 'kafkajs';
import { partitionOf } from '../src/partitioner.ts';

// kafkajs' own partitioner is held to the Java client's by the tests of that project.
const kafkajs = Partitioners.DefaultPartitioner();
const metadata = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    leader: 1,
    replicas: [],
    isr: [],
    partitionErrorCode: 0,
  }));

test.each(['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'org_01k9zz', 'naïve — ☃', 'x'.repeat(1000)])(
  'the key "%s" falls to the partition that Kafka clients choose',
  (key) => {
    for (const partitions of [1, 4, 7, 64]) {
      const expected = kafkajs({
        topic: 't',
        partitionMetadata: metadata(partitions),
        message: { key, value: null },
      });
      expect(partitionOf(key, partitions)).toBe(expected);
    }
  },
);

test('keys spread over all partitions', () => {
  const hit = new Set(Array.from({ length: 200 }, (_, index) => partitionOf(`org_${index}`, 4)));
  expect(hit).toEqual(new Set([0, 1, 2, 3]));
});
