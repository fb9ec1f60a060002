import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { earlierCommits, fileAt, folderAt } from '../src/earlier-commits.ts';
import { temporaryDirectory } from '../src/temporary-directory.ts';

const path = 'contracts/graph.txt';
let repository: string;

beforeEach(() => {
  repository = temporaryDirectory();
  git('init', '--quiet', '--initial-branch=main');
});

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim();
}

/** Commits `text` as the contract, so many hours after the first day began. */
function commit(text: string, hour: number): string {
  mkdirSync(join(repository, 'contracts'), { recursive: true });
  writeFileSync(join(repository, path), text);
  const date = new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  git('add', '.');
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const env = { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', text], { cwd: repository, env });
  return git('rev-parse', 'HEAD');
}

/** Goes on in a clone of the repository. */
function clone(...options: string[]): void {
  const copy = temporaryDirectory();
  git('clone', '--quiet', ...options, `file://${repository}`, copy);
  repository = copy;
}

/** Never as LYCEUM_REQUIRE_ALL says, which differs between machines. */
function found({ required = false } = {}) {
  const { commits, missing } = earlierCommits(path, { directory: repository, required });
  return { commits: commits.map(({ name, hash }) => [name.replace(/ \(\w{7}\)$/, ''), hash]), missing };
}

describe('what a contract is compared with', () => {
  test('in a clean clone of main is more than what was just committed', () => {
    const [old, , parent, head] = [commit('1', 0), commit('2', 8), commit('3', 30), commit('4', 31)];
    clone();
    const commits = [
      ['HEAD, for what is not committed', head],
      ['the parent of HEAD', parent],
      // The second was made 23 hours before: the first is the newest of those that are a day old.
      ['a day before HEAD', old],
    ];
    expect(found({ required: true })).toEqual({ commits, missing: undefined });
  });

  test('on a branch is where it left origin’s, too', () => {
    const base = commit('1', 0);
    clone();
    git('switch', '--quiet', '--create', 'branch');
    commit('2', 1);
    const parent = commit('3', 2);
    const head = commit('4', 3);
    expect(found().commits).toEqual([
      ['HEAD, for what is not committed', head],
      ['where this branch left origin’s', base],
      ['the parent of HEAD', parent],
    ]);
  });

  test('is no commit that did not have it yet', () => {
    git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '--allow-empty', '-m', '0');
    const head = commit('1', 0);
    const only = [['HEAD, for what is not committed', head]];
    expect(found({ required: true })).toEqual({ commits: only, missing: 'no commit before HEAD has it' });
  });

  test.each(['', 'contracts'])('can be read from anywhere in the repository, file by file: ./%s', (below) => {
    commit('before', 0);
    commit('after', 1);
    const directory = join(repository, below);
    const [, parent] = earlierCommits(path, { directory, required: true }).commits;
    expect(fileAt(parent!, path, directory)).toBe('before');
    expect(folderAt(parent!, 'contracts', directory)).toEqual(['graph.txt']);
    expect(parent!.name).toBe(`the parent of HEAD (${git('rev-parse', '--short=7', 'HEAD~1')})`);
  });
});

describe('where there is no history', () => {
  test('a shallow clone says so, and fails where all is required', () => {
    commit('1', 0);
    commit('2', 1);
    clone('--depth=1');
    expect(found().missing).toContain('this clone is shallow');
    expect(() => found({ required: true })).toThrow(/contracts\/graph\.txt can't be compared .* shallow/);
  });

  test('a source archive says so, and fails where all is required', () => {
    commit('1', 0);
    rmSync(join(repository, '.git'), { recursive: true });
    expect(found()).toEqual({ commits: [], missing: 'there is no git history here' });
    expect(() => found({ required: true })).toThrow('there is no git history here');
  });
});
