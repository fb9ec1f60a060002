import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultPorts } from '../src/services.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A command of the repository that was started as a user would, and all that it has said. */
export interface StartedCommand {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the output holds the text; rejects when the command ends without it. */
  until(text: string | RegExp): Promise<void>;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** A data directory of the test's own; it does not exist yet. */
export async function dataDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'lyceum-local-'));
  // Where the tests run as root, PostgreSQL runs as somebody else, who must be able to walk there.
  await chmod(parent, 0o755);
  return join(parent, 'data');
}

/** Every port chosen by the system, so that tests run beside anything. */
export const anyPorts = Object.fromEntries(Object.keys(defaultPorts).map((variable) => [variable, '0']));

/** Who runs a command, where it is not who runs the tests. */
interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** `npm start`, without npm. */
export function start(env: NodeJS.ProcessEnv, account?: Account): StartedCommand {
  return runNode(['local/start.cjs'], { ...anyPorts, ...env }, account);
}

/** `npm run <command>`, without npm. */
export function command(args: readonly string[], env: NodeJS.ProcessEnv): StartedCommand {
  return runNode(['local/run.mjs', ...args], { ...anyPorts, ...env });
}

export function runNode(args: readonly string[], env: NodeJS.ProcessEnv, account?: Account): StartedCommand {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  });
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    child.emit('said');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return { child, output: () => output, until: (text) => said(child, ended, () => output, text), ended };
}

async function said(
  child: ChildProcess,
  ended: Promise<unknown>,
  output: () => string,
  text: string | RegExp,
): Promise<void> {
  const holds = () => (typeof text === 'string' ? output().includes(text) : text.test(output()));
  const heard = new Promise<boolean>((resolve) => {
    const check = () => {
      if (holds()) resolve(true);
    };
    child.on('said', check);
    check();
  });
  const found = await Promise.race([heard, ended.then(() => holds())]);
  if (!found) throw new Error(`It ended without saying ${String(text)}:\n${output()}`);
}
