import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { repositoryRoot } from '@lyceum/service';
// By path: local is started, not depended on.
import { runtimeOf, type Runtime } from '../../../local/src/supervise/runtime.ts';

/** A server in a process of its own, which says `{ type: 'ready', url }`. */
export interface Child {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ChildOptions extends Partial<Runtime> {
  /** By its path in the repository; TypeScript runs from source, anything else was built. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export async function startChild({
  file,
  args = [],
  env = {},
  nodeFlags = [],
  niceness = 0,
}: ChildOptions): Promise<Child> {
  const child = fork(`${repositoryRoot()}/${file}`, args, {
    ...runtimeOf({
      niceness,
      nodeFlags: [...nodeFlags, ...(file.endsWith('.ts') ? ['--import', 'tsx'] : [])],
    }),
    env: { ...process.env, LOG_LEVEL: 'error', PORT: '0', ...env },
    cwd: repositoryRoot(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = await ready(child, file);
  return {
    url,
    pid: child.pid ?? NaN,
    stop: async () => {
      if (!child.connected) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

function ready(child: ChildProcess, file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', ({ url }: { url: string }) => {
      resolve(url);
    });
    child.once('exit', (code) => {
      reject(new Error(`${file} ended with ${String(code)} before it was ready`));
    });
  });
}
