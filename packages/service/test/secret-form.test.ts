import { expect, test } from '@jest/globals';
import { isSecret, newSecret } from '../src/index.ts';

test('a secret has its prefix, 256 bits and a checksum, in letters and digits', () => {
  const secrets = Array.from({ length: 200 }, () => newSecret('lyp'));
  for (const secret of secrets) {
    expect(secret).toMatch(/^lyp_[0-9A-Za-z]{49}$/);
    expect(isSecret('lyp', secret)).toBe(true);
  }
  expect(new Set(secrets).size).toBe(200);
});

test.each([
  ['of another kind', (secret: string) => secret.replace('lyp', 'lys')],
  ['with another letter', (secret: string) => secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))],
  ['cut short', (secret: string) => secret.slice(0, -1)],
  ['with more behind it', (secret: string) => `${secret}0`],
  ['that is empty', () => ''],
])('a text %s is none', (_what, change) => {
  expect(isSecret('lyp', change(newSecret('lyp')))).toBe(false);
});
