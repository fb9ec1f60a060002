import { spawn } from 'node:child_process';

/** A command of the repository that was started as a user starts it, and all that it has said. */
export interface RunningCommand {
  readonly pid: number;
  /** Standard output and standard error so far, as a terminal would show them. */
  output(): string;
  /** Resolves when the output holds the text; rejects when the command ends without it. */
  until(text: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Runs a file with Node at the root of the repository, without a terminal and without the settings of jest. */
export function runCommand(
  args: readonly string[],
  { directory, env = {} }: { directory: string; env?: NodeJS.ProcessEnv },
): RunningCommand {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    child.emit('said');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
    });
  });

  async function until(text: string | RegExp): Promise<void> {
    const holds = () => (typeof text === 'string' ? output.includes(text) : text.test(output));
    const heard = new Promise<boolean>((resolve) => {
      const check = () => {
        if (!holds()) return;
        child.off('said', check);
        resolve(true);
      };
      child.on('said', check);
      check();
    });
    if (await Promise.race([heard, ended.then(holds)])) return;
    throw new Error(`It ended without saying ${String(text)}:\n${output}`);
  }

  return {
    pid: child.pid ?? 0,
    output: () => output,
    until,
    signal: (name) => void child.kill(name),
    ended,
  };
}
