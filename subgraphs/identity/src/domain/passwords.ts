import { invalid } from '@lyceum/service';
import { isCommonPassword } from './common-passwords.ts';
import { passwordThreads } from './password-threads.ts';

/**
 * argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet.
 */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const shortest = 8;
const longest = 256;

/** Why a password can't be taken; undefined where it can. */
export function passwordFault(password: string): string | undefined {
  if (password.length < shortest) return `must have at least ${shortest} characters`;
  if (password.length > longest) return `must have at most ${longest} characters`;
  return isCommonPassword(password) ? 'is one of the commonest, which are tried first' : undefined;
}

/** A password as it can be taken. @throws INVALID */
export function checkedPassword(field: readonly string[], password: string): string {
  const fault = passwordFault(password);
  if (fault !== undefined) throw invalid(field, `The password ${fault}.`);
  return password;
}

export const hashPassword = (password: string): Promise<string> => passwordThreads.hash(password, parameters);

const current = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$`;

/** Was it made with other parameters than today's? Then it is made anew when the password is known next. */
export const isOutdated = (passwordHash: string | null): boolean =>
  passwordHash?.startsWith(current) === false;

let decoy: Promise<string> | undefined;

/**
 * Does the password belong to the hash? Where there is no hash the work is done all the same, against a decoy, so that
 * the time of the answer does not tell whether an address has an account.
 */
export async function passwordMatches(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  decoy ??= hashPassword('no account has this password');
  const known = passwordHash ?? (await decoy);
  const matches = await passwordThreads.verify(known, password.slice(0, longest));
  return matches && passwordHash != null;
}
