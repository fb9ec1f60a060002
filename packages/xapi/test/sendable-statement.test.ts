import { expect, test } from '@jest/globals';
import { sendableStatement } from '@lyceum/xapi';

const stamps = '"stored":"2026-11-28T10:00:00.000001Z","version":"1.0.0","authority":{"mbox":"mailto:a@b.c"}';

test('what a store adds itself goes, and what stays keeps every byte', () => {
  const own = '"id":"1","result":{"score":{"raw":1.0e400}},"context":{"extensions":{"a:b":"\\u0041 stored"}}';
  expect(sendableStatement(`{${own},${stamps}}`, { bytes: false })).toBe(`{${own}}`);
});

test('without their bytes, attachments that are nowhere else to be had go', () => {
  const here = '{"sha2":"a","length":1.0}';
  const there = '{"sha2":"b","fileUrl":"http://example.org/b"}';
  const text = `{"id":"1","attachments":[${here},${there}],"object":{"objectType":"SubStatement","attachments":[${here}]}}`;
  expect(JSON.parse(sendableStatement(text, { bytes: false }))).toEqual({
    id: '1',
    attachments: [JSON.parse(there)],
    object: { objectType: 'SubStatement' },
  });
  expect(sendableStatement(text, { bytes: true })).toBe(text);
});
