import { randomBytes } from 'node:crypto';

/** Crockford's base 32 (https://www.crockford.com/base32.html): no letter that is read as a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const codes = 10;

/** Ten codes of 80 random bits: `7HQ2-M0XK-VB4D-91TZ`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: codes }, newRecoveryCode);

function newRecoveryCode(): string {
  let bits = BigInt(`0x${randomBytes(10).toString('hex')}`);
  let code = '';
  for (let place = 0; place < 16; place += 1, bits >>= 5n) code += alphabet.charAt(Number(bits & 31n));
  return (code.match(/.{4}/g) ?? []).join('-');
}

/** A code as it was made, however it was typed. */
export function normalizedRecoveryCode(code: string): string {
  return code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}
