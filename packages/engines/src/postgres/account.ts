import { chown, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../errors.ts';

/** The account that PostgreSQL runs as; undefined: this process's own. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Accounts that a system may already have, in order of preference. None is created. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root. Started by root (a container), it runs as the owner of existing data,
 * else as `postgres`, else as `nobody`.
 *
 * @param data the cluster's directory, which need not exist
 */
export async function chooseAccount(data: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await readAccounts();
  const owner = await stat(data).catch(() => undefined);
  const chosen =
    accounts.find(({ uid }) => uid !== 0 && uid === owner?.uid) ??
    CANDIDATES.map((name) => accounts.find((account) => account.name === name)).find(Boolean);
  if (chosen !== undefined) return chosen;
  throw new EngineError(
    'ENGINE_FAILED',
    `PostgreSQL does not run as root, and this system has no account named ${CANDIDATES.join(' or ')}. ` +
      'Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
  );
}

// passwd(5): name:password:uid:gid:...
async function readAccounts(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** Gives `file` to the account. */
export async function giveTo(account: Account | undefined, file: string): Promise<void> {
  if (account !== undefined) await chown(file, account.uid, account.gid);
}

/**
 * Rejects where the account can't walk to a file: /root, for one, is closed to everybody else, and
 * PostgreSQL's own message would not say which directory is the closed one.
 */
export async function requireReachable(account: Account | undefined, file: string): Promise<void> {
  if (account === undefined) return;
  for (const directory of ancestors(file)) {
    const found = await stat(directory);
    const searchBit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
    if ((found.mode & searchBit) === 0) throw unreachable(account, file, directory);
  }
}

function ancestors(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [] : [...ancestors(parent), parent];
}

function unreachable(account: Account, file: string, directory: string): EngineError {
  return new EngineError(
    'DIRECTORY_UNUSABLE',
    `PostgreSQL does not run as root; it would run as ${account.name}, who may not enter ${directory} on the way to ` +
      `${file}. Run as an ordinary user, move that directory, or set DATABASE_URL to a PostgreSQL server.`,
  );
}
