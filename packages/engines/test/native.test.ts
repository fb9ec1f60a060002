import { expect, test } from '@jest/globals';
import { parseDataType } from '../src/clickhouse/native/data-type.ts';
import { reframeNative } from '../src/clickhouse/native/reframe.ts';

const REVISION = 54_460;

// One column `n` of UInt8, as the engine writes it: columns, rows, name, type, data.
function block(values: readonly number[]): Buffer {
  const type = Buffer.from('UInt8');
  return Buffer.concat([
    Buffer.from([1, values.length, 1]),
    Buffer.from('n'),
    Buffer.from([type.length]),
    type,
    Buffer.from(values),
  ]);
}

async function reframed(chunks: readonly Buffer[], revision = REVISION): Promise<Buffer> {
  async function* source(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const parts: Buffer[] = [];
  for await (const part of reframeNative(source(), revision)) parts.push(part);
  return Buffer.concat(parts);
}

test('each block begins with its info, each column with a plain serialization', async () => {
  const info = [1, 0, 2, 255, 255, 255, 255, 0];
  expect([...(await reframed([block([7, 8])]))]).toEqual([
    ...info,
    ...[1, 2, 1],
    ...Buffer.from('n'),
    5,
    ...Buffer.from('UInt8'),
    0,
    ...[7, 8],
  ]);
});

test('an older client gets the info alone', async () => {
  const bytes = await reframed([block([7])], 54_400);
  expect(bytes.subarray(8)).toEqual(block([7]));
});

test('blocks are found however the bytes are cut', async () => {
  const whole = Buffer.concat([block([1, 2, 3]), block([]), block([4])]);
  const expected = await reframed([whole]);
  for (let size = 1; size < whole.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    expect(await reframed(chunks)).toEqual(expected);
  }
});

test('a result that ends in the midst of a block is an error', async () => {
  await expect(reframed([block([1, 2, 3]).subarray(0, -1)])).rejects.toThrow(/midst of a block/);
});

test('types are split at their own commas', () => {
  expect(parseDataType("Tuple(a Map(String, UInt8), `b, c` Enum8('x,(' = 1, 'y\\'' = 2))").arguments).toEqual(
    ['a Map(String, UInt8)', "`b, c` Enum8('x,(' = 1, 'y\\'' = 2)"],
  );
});
