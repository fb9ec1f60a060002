import { createRequire } from 'node:module';
import type { dictionary } from '@zxcvbn-ts/language-common';

let common: ReadonlySet<string> | undefined;

/** Is it one of those that are tried first (OWASP ASVS 4.0.3, 2.1.7)? In whatever case. */
export function isCommonPassword(password: string): boolean {
  common ??= readCommonPasswords();
  return common.has(password.toLowerCase());
}

/**
 * The lists of zxcvbn-ts: 18,000 of them are as long as a password must be. Read when the first password is set, since
 * they take 16 MB; at once, since the environment is checked without waiting.
 */
function readCommonPasswords(): ReadonlySet<string> {
  const lists = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as {
    dictionary: typeof dictionary;
  };
  return new Set(lists.dictionary['passwords-common']);
}
