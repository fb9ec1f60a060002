import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child<M> {
  readonly pid: number;
  /** What it has sent, in order. */
  readonly messages: M[];
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  ended: Promise<unknown>;
}

const running = new Set<ChildProcess>();

/**
 * What a test that failed midway left running. One that was stopped within a write holds the log's lock, and would hold
 * up whoever closes the log.
 */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs a script of this folder in a process of its own; it gets `input` as JSON in its first argument. */
export function startChild<M>(script: string, input: object, prefix: readonly string[] = []): Child<M> {
  const node = [
    process.execPath,
    '--import',
    'tsx',
    join(import.meta.dirname, script),
    JSON.stringify(input),
  ];
  const [command = '', ...args] = [...prefix, ...node];
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // A test that fails before it kills its child does not keep jest waiting.
  child.unref();
  child.channel?.unref();
  running.add(child);
  child.once('exit', () => running.delete(child));
  const messages: M[] = [];
  child.on('message', (message) => messages.push(message as M));
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    messages,
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
}
