import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of this benchmark. */
export interface Child<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** What the process answers to any message. */
  ask<T>(): Promise<T>;
  stop(): void;
}

/** Starts a file of this folder; resolves with the first message that it sends. */
export async function startChild<Ready>(file: string, ...args: readonly string[]): Promise<Child<Ready>> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ready = await nextMessage<Ready>(child);
  return {
    ready,
    pid: child.pid ?? 0,
    ask<T>() {
      const answer = nextMessage<T>(child);
      child.send('?');
      return answer;
    },
    stop() {
      child.kill();
    },
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => {
      reject(new Error(`A process of the benchmark ended with ${code ?? 'a signal'}`));
    };
    child.once('exit', failed);
    child.once('message', (message) => {
      child.off('exit', failed);
      resolve(message as T);
    });
  });
}
