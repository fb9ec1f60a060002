import { describe, expect, test } from '@jest/globals';
import { findDataInsert, insertFromFile } from '../src/clickhouse/sql/data-insert.ts';
import { formatOf, readIntoFile } from '../src/clickhouse/sql/result-file.ts';
import { readStatement } from '../src/clickhouse/sql/statement.ts';

function reading(text: string): Parameters<typeof formatOf>[0] {
  const statement = readStatement(text);
  if (statement.kind !== 'read') throw new Error(`not read: ${statement.kind}`);
  return statement;
}

describe('kinds of statements', () => {
  test.each([
    ['select 1', 'read'],
    ['  /* c */ -- d\n WITH a AS (SELECT 1) SELECT * FROM a', 'read'],
    ['((SELECT 1))', 'read'],
    ['FROM t SELECT a', 'read'],
    ['WITH 1 AS a INSERT INTO t SELECT a', 'write'],
    ['INSERT INTO t SELECT 1', 'write'],
    ['CREATE TABLE t (a Int8) ENGINE = Memory', 'write'],
    ['SET a = 1', 'context'],
    ['USE x', 'context'],
    ['INSERT INTO t VALUES (1)', 'data-insert'],
    ['INSERT INTO t FORMAT TSV', 'data-insert'],
  ])('%j is %s', (text, kind) => {
    expect(readStatement(text).kind).toBe(kind);
  });

  test.each([
    "SELECT ';'",
    'SELECT `;`',
    'SELECT 1;',
    'SELECT 1 ; ; -- ;',
    'SELECT $a$;$a$',
    'SELECT 1 /* ; x */',
    "SELECT '; DROP TABLE t \\",
  ])('%j is one statement', (text) => {
    expect(() => readStatement(text)).not.toThrow();
  });

  test.each([
    'SELECT 1; DROP TABLE t',
    "SELECT '\\''; DROP TABLE t",
    "SELECT ''''; DROP TABLE t",
    'SELECT 1 -- \n; DROP TABLE t',
  ])('%j is two', (text) => {
    expect(() => readStatement(text)).toThrow(/Multi-statements are not allowed/);
  });
});

describe('inserts of rows', () => {
  test.each([
    ['INSERT INTO t FORMAT TSV\n1', 'INSERT INTO t', 'TSV', '1'],
    [
      'insert into db.t (a, b) format JSONEachRow {"a":1}',
      'insert into db.t (a, b)',
      'JSONEachRow',
      '{"a":1}',
    ],
    ['INSERT INTO t FORMAT TSV\r\n\n1', 'INSERT INTO t', 'TSV', '\n1'],
    ['INSERT INTO format FORMAT CSV 1', 'INSERT INTO format', 'CSV', '1'],
    ['INSERT INTO settings FORMAT CSV 1', 'INSERT INTO settings', 'CSV', '1'],
    ['INSERT INTO `values` VALUES (1)', 'INSERT INTO `values`', 'Values', ' (1)'],
    ['INSERT INTO values VALUES (1)', 'INSERT INTO values', 'Values', ' (1)'],
    ["INSERT INTO FUNCTION null('a Int8') FORMAT TSV\n1", "INSERT INTO FUNCTION null('a Int8')", 'TSV', '1'],
    ['INSERT INTO t /* FORMAT CSV */ FORMAT TSV\n1', 'INSERT INTO t', 'TSV', '1'],
  ])('%j', (text, head, format, data) => {
    const insert = findDataInsert(text)!;
    expect([insert.head, insert.format, text.slice(insert.dataStart)]).toEqual([head, format, data]);
  });

  test('keep their settings behind the file', () => {
    const insert = findDataInsert("INSERT INTO t (a) SETTINGS x = 1, y = 'FORMAT' FORMAT TSV\n1")!;
    expect(insertFromFile(insert, { path: '/p', compression: 'none' })).toBe(
      "INSERT INTO t (a) FROM INFILE '/p' COMPRESSION 'none' SETTINGS x = 1, y = 'FORMAT' FORMAT TSV",
    );
  });

  test('through input() read the file in its place', () => {
    const insert = findDataInsert(
      "INSERT INTO t SELECT a + 1 FROM input('a Int8') WHERE a > 0 FORMAT CSV 1",
    )!;
    expect(insertFromFile(insert, { path: '/p', compression: 'gzip' }).trim()).toBe(
      "INSERT INTO t SELECT a + 1 FROM file('/p', 'CSV', 'a Int8', 'gzip') WHERE a > 0",
    );
  });

  test.each([
    'INSERT INTO t SELECT 1 FORMAT TSV',
    "INSERT INTO t FROM INFILE '/x' FORMAT TSV",
    'SELECT 1',
    'INSERT INTO t',
  ])('%j is none', (text) => {
    expect(findDataInsert(text)).toBeUndefined();
  });
});

describe('the FORMAT clause', () => {
  test.each([
    ['SELECT 1 FORMAT JSON', 'JSON'],
    ['SELECT 1 format JSON settings max_threads = 1', 'JSON'],
    ['SELECT format FROM t', 'TSV'],
    ['SELECT a AS format', 'TSV'],
    ['SELECT a FROM t ORDER BY format DESC', 'TSV'],
    ['SELECT a, format b', 'TSV'],
    ["SELECT format('{}', a)", 'TSV'],
    ['SELECT * FROM t WHERE a = 1 FORMAT CSV', 'CSV'],
    ['SELECT (SELECT 1) FORMAT XML', 'XML'],
  ])('of %j is %s', (text, format) => {
    expect(formatOf(reading(text), 'TSV')).toBe(format);
  });

  test('stays behind the file', () => {
    expect(readIntoFile(reading('SELECT 1 FORMAT JSON SETTINGS a = 1; -- x'), "/it's", 'TSV')).toBe(
      "SELECT 1 INTO OUTFILE '/it\\'s' APPEND FORMAT JSON SETTINGS a = 1",
    );
    expect(readIntoFile(reading('SELECT 1 -- x'), '/p', 'TSV')).toBe(
      "SELECT 1\nINTO OUTFILE '/p' APPEND FORMAT TSV",
    );
  });
});
