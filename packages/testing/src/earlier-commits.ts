import { execFileSync } from 'node:child_process';

/** A commit that what is here now is compared with. */
export interface EarlierCommit {
  readonly hash: string;
  /** Why it was chosen, with its short hash: for the name of a test. */
  readonly name: string;
}

/** What of a path may be compared with, by a test that a contract breaks nobody. */
export interface EarlierCommits {
  readonly commits: readonly EarlierCommit[];
  /** Why nothing before HEAD can be compared with, which a test that is skipped should say. */
  readonly missing: string | undefined;
}

const A_DAY_S = 24 * 60 * 60;
/** How many commits of a day ago and before are asked for the path. */
const LOOKED_AT = 50;

/**
 * The commits with which `path` is to be compared. Each finds what the others miss: HEAD what is not committed yet; its
 * parents the commit just made, also where HEAD is what origin has; the point where the branch left origin's its other
 * commits; the newest one a day older than HEAD what came in several commits of main.
 *
 * @param path of a file or a folder, from the root of the repository; a commit without it is not compared with
 * @param options.directory somewhere in the repository
 * @param options.required whether a checkout without its history is a fault: LYCEUM_REQUIRE_ALL=1
 * @throws Error where history is required and missing
 */
export function earlierCommits(
  path: string,
  {
    directory,
    required = process.env['LYCEUM_REQUIRE_ALL'] === '1',
  }: { directory: string; required?: boolean },
): EarlierCommits {
  const head = resolve(directory, 'HEAD');
  const candidates = [
    [head, 'HEAD, for what is not committed'],
    [mergeBase(directory), 'where this branch left origin’s'],
    [resolve(directory, 'HEAD^1'), 'the parent of HEAD'],
    [resolve(directory, 'HEAD^2'), 'the other parent of HEAD'],
    [aDayBefore(directory, path), 'a day before HEAD'],
  ] as const;
  const found = new Map<string, string>();
  for (const [hash, why] of candidates) {
    if (hash !== undefined && !found.has(hash) && holds(directory, hash, path)) found.set(hash, why);
  }
  const commits = [...found].map(([hash, why]) => ({ hash, name: `${why} (${hash.slice(0, 7)})` }));
  if (commits.some(({ hash }) => hash !== head)) return { commits, missing: undefined };
  const { missing, isFault } = whyNone(directory, head);
  if (required && isFault) throw new Error(`${path} can't be compared with what it was: ${missing}.`);
  return { commits, missing };
}

/** The text of a file at a commit. */
export function fileAt(commit: EarlierCommit, path: string, directory: string): string {
  const text = git(directory, 'show', `${commit.hash}:${path}`);
  if (text === undefined) throw new Error(`${path} can't be read at ${commit.name}.`);
  return text;
}

/** The names of what is in a folder at a commit. */
export function folderAt(commit: EarlierCommit, path: string, directory: string): string[] {
  // The full tree: ls-tree looks only for what lies below the directory it is called in.
  const names = git(directory, 'ls-tree', '--full-tree', '--name-only', '-z', `${commit.hash}:${path}`);
  return (names ?? '').split('\0').filter((name) => name !== '');
}

function whyNone(directory: string, head: string | undefined): { missing: string; isFault: boolean } {
  if (head === undefined) return { missing: 'there is no git history here', isFault: true };
  const isShallow = git(directory, 'rev-parse', '--is-shallow-repository')?.trim() === 'true';
  return isShallow
    ? {
        missing: 'this clone is shallow and holds no commit before HEAD (git fetch --unshallow)',
        isFault: true,
      }
    : { missing: 'no commit before HEAD has it', isFault: false };
}

function mergeBase(directory: string): string | undefined {
  return git(directory, 'merge-base', 'HEAD', 'origin/HEAD')?.trim();
}

function aDayBefore(directory: string, path: string): string | undefined {
  const committed = Number(git(directory, 'show', '-s', '--format=%ct', 'HEAD'));
  if (!(committed > 0)) return undefined;
  const until = `--before=${committed - A_DAY_S}`;
  const commits = git(directory, 'rev-list', `--max-count=${LOOKED_AT}`, until, 'HEAD') ?? '';
  return commits.split('\n').find((hash) => hash !== '' && holds(directory, hash, path));
}

function resolve(directory: string, name: string): string | undefined {
  return git(directory, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)?.trim();
}

function holds(directory: string, hash: string, path: string): boolean {
  return git(directory, 'cat-file', '-e', `${hash}:${path}`) !== undefined;
}

/** What git says, or undefined where there is no git, no repository or no such thing in it. */
function git(directory: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch {
    return undefined;
  }
}
