import { fork } from 'node:child_process';
import { once } from 'node:events';
import { workspaceFile } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';

/** The embedded ClickHouse in a process of its own. */
export interface RunningClickHouse {
  /** Without a path. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startClickHouse(): Promise<RunningClickHouse> {
  const child = fork(workspaceFile('packages/engines', 'src/clickhouse/main.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, LYCEUM_DATA_DIR: temporaryDirectory(), PORT: '0', LOG_LEVEL: 'warn' },
  });
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ url?: string } | number];
  if (typeof message === 'number') throw new Error(`ClickHouse ended with ${message}`);
  return {
    url: (message.url ?? '').replace(/\/$/, ''),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
