import { expect, test } from '@jest/globals';
import { keptOf } from '../src/session/tokens.ts';

const jwt = (claims: object) => `header.${btoa(JSON.stringify(claims))}.signature`;
const now = Date.parse('2026-11-28T10:00:00.000Z');

test('a token lasts as long as it says itself, whatever the clock of this machine says', () => {
  const iat = now / 1_000 + 7_200;
  const tokens = {
    accessToken: jwt({ iat, exp: iat + 600 }),
    expiresAt: new Date((iat + 600) * 1_000).toISOString(),
    refreshToken: 'r',
  };
  expect(keptOf(tokens, 'key', now).until).toBe(now + 600_000);
});

test.each([['opaque'], ['a.b.c'], [jwt({ exp: 'soon' })]])(
  'of %s, identity’s word is taken',
  (accessToken) => {
    const tokens = { accessToken, expiresAt: '2026-11-28T10:05:00.000Z', refreshToken: 'r' };
    expect(keptOf(tokens, 'key', now).until).toBe(now + 300_000);
  },
);
