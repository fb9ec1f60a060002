import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits behind a prefix that scanners for leaked secrets recognise. */
export const newSecret = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;

/** How such a secret is kept: it is random already, so that a plain digest (hexadecimal) is enough. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
