import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A service in a process of its own, to be killed. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, and gone when this resolves. */
  kill(): Promise<void>;
  /** SIGTERM, and gone when this resolves: the exit code. */
  stop(): Promise<number | null>;
}

const repository = new URL('../../../', import.meta.url);

/** Starts a main.ts, by its path in the repository, and waits until it says that it is ready. */
export async function startProcess(main: string, env: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  const child = fork(fileURLToPath(new URL(main, repository)), {
    cwd: fileURLToPath(repository),
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  void exited.then(() => running.delete(child));
  const url = await ready(child, main);
  // A test need not wait for it: it ends with this process, whose channel it hears close.
  child.unref();
  child.channel?.unref();
  return {
    url,
    pid: child.pid ?? NaN,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function ready(child: ChildProcess, main: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { url?: string }) => {
      resolve(message.url ?? '');
    });
    child.once('exit', (code) => {
      reject(new Error(`${main} ended with ${String(code)} before it was ready`));
    });
  });
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
