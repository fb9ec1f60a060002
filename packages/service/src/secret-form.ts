import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const bodyLength = 43;
const checksumLength = 6;

/**
 * 256 random bits in the form that GitHub gave its tokens, so that scanners for leaked secrets recognise them: a
 * prefix, the bits in base 62, a CRC-32 of both in base 62
 * (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/).
 */
export function newSecret(prefix: string): string {
  const body = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), bodyLength);
  return withChecksum(`${prefix}_${body}`);
}

/** Whether a text can be such a secret: what was mistyped or made up is told without looking it up. */
export function isSecret(prefix: string, text: string): boolean {
  const unchecked = text.slice(0, -checksumLength);
  return (
    unchecked.length === prefix.length + 1 + bodyLength &&
    isOf(prefix, text) &&
    withChecksum(unchecked) === text
  );
}

const isOf = (prefix: string, text: string) => text.startsWith(`${prefix}_`);

function withChecksum(text: string): string {
  return text + base62(BigInt(crc32(text)), checksumLength);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n)
    text = `${digits.charAt(Number(rest % 62n))}${text}`;
  return text;
}
