import { dictionary } from '@zxcvbn-ts/language-common';

/** The lists of zxcvbn-ts: 18,000 of them are as long as a password must be. */
const common = new Set(dictionary['passwords-common']);

/** Is it one of those that are tried first (OWASP ASVS 4.0.3, 2.1.7)? In whatever case. */
export const isCommonPassword = (password: string): boolean => common.has(password.toLowerCase());
