import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@lyceum/service';

/** The repository as `git clone` and `npm ci` leave it: nothing is built. */
export interface FreshClone {
  readonly root: string;
  delete(): void;
}

/** Copies the sources as they are now, and links what is installed (which is read only). */
export function makeFreshClone(): FreshClone {
  const origin = repositoryRoot();
  // On the same file system, for the links.
  const parent = join(origin, '.cache');
  mkdirSync(parent, { recursive: true });
  const root = mkdtempSync(join(parent, 'fresh-clone-'));
  // Where it runs as root, PostgreSQL runs as somebody else, who must be able to walk there.
  chmodSync(root, 0o755);
  const workspaces = new Set(['.']);
  for (const file of filesOf(origin)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(origin, file), join(root, file));
    if (file.endsWith('/package.json')) workspaces.add(dirname(file));
  }
  for (const workspace of workspaces) {
    linkFolder(join(origin, workspace, 'node_modules'), join(root, workspace, 'node_modules'));
  }
  return {
    root,
    delete: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function filesOf(origin: string): string[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z'];
  const all = execFileSync('git', options, { cwd: origin, encoding: 'utf8' }).split('\0');
  const deleted = execFileSync('git', ['ls-files', '--deleted', '-z'], { cwd: origin, encoding: 'utf8' });
  const gone = new Set(deleted.split('\0'));
  return all.filter((file) => file !== '' && !gone.has(file));
}

/** What earlier builds have kept is left out. */
function linkFolder(from: string, to: string): void {
  const entries = readFolder(from).filter(({ name }) => name !== '.cache');
  if (entries.length > 0) mkdirSync(to, { recursive: true });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    // Relative: a workspace's link leads into the copy.
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Most workspaces have nothing installed of their own.
    return [];
  }
}
