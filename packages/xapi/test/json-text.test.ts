import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { membersOf, scanJson, withoutMembers } from '../src/json-text.ts';
import { findRepeatedProperty } from '../src/repeated-property.ts';

describe('the text of an array of objects', () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });

  test('is split where JSON.parse would split it', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 3, '\t'), (batch, indent) => {
        const text = JSON.stringify(batch, null, indent);
        const { spans } = scanJson(text);
        const parts = batch.map((_each, index) => text.slice(spans[index * 2], spans[index * 2 + 1]));
        expect(parts.map((part) => JSON.parse(part) as unknown)).toEqual(JSON.parse(text));
        expect(spans).toHaveLength(batch.length * 2);
      }),
    );
  });

  test('tells how deeply it nests without recursion', () => {
    expect(scanJson('['.repeat(200_000)).depth).toBe(200_000);
  });

  test('never runs on for text that is no JSON', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(scanJson(text).depth).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('the members of an object', () => {
  test('are taken out by name and the rest is kept as it was', () => {
    const text = '{ "a" : {"stored": "}"} , "stored":"x,\\"" ,"b":[1e400, 2 ] }';
    expect(withoutMembers(text, ['stored'])).toBe('{"a" : {"stored": "}"},"b":[1e400, 2 ]}');
  });

  test('are all found', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const found = membersOf(JSON.stringify(value, null, indent));
        expect(found.map((member) => member.key)).toEqual(Object.keys(value));
      }),
    );
  });
});

describe('a property given twice', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":[{"c":1},{"c":1,"d":"c","\\u0063":2}]}}', 'a.b[1].c'],
    ['[{"a":1},{"b" : 1, "b": {}}]', '[1].b'],
  ])('is found in %s', (text, path) => {
    expect(findRepeatedProperty(text)).toMatchObject({ path });
  });

  test('is not found where there is none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findRepeatedProperty(JSON.stringify(value, null, 1))).toBeUndefined();
      }),
    );
  });
});
