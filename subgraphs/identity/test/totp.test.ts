import { describe, expect, test } from '@jest/globals';
import { Secret } from 'otpauth';
import { normalizedRecoveryCode, newRecoveryCodes } from '../src/domain/recovery-codes.ts';
import { totpStep } from '../src/domain/totp.ts';

describe('a time-based code', () => {
  const secret = Secret.fromUTF8('12345678901234567890').base32;

  // RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
  test.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [1_111_111_111, '050471', 37_037_037],
    [20_000_000_000, '353130', 666_666_666],
  ])('at second %d is %s', (second, code, step) => {
    expect(totpStep(secret, code, second * 1_000)).toBe(step);
  });

  test.each([
    [-61, undefined],
    [-31, undefined],
    [-30, 37_037_036],
    [29, 37_037_036],
    [59, 37_037_036],
    [60, undefined],
  ])('that began %d seconds from now has the step %s', (ago, step) => {
    // The step of 081804 begins at second 1,111,111,080.
    expect(totpStep(secret, '081804', (1_111_111_080 + ago) * 1_000)).toBe(step);
  });

  test.each(['', '08180', '0818040', 'O81804', '08-1804', '٠٨١٨٠٤'])('%j is none', (code) => {
    expect(totpStep(secret, code, 1_111_111_109_000)).toBeUndefined();
  });

  test('may be typed with a space', () => {
    expect(totpStep(secret, ' 081 804', 1_111_111_109_000)).toBe(37_037_036);
  });
});

test('recovery codes are all different, and read as they were made', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(normalizedRecoveryCode(code)).toBe(code.replaceAll('-', ''));
  expect(normalizedRecoveryCode(' oil0-1abc ')).toBe('01101ABC');
});
