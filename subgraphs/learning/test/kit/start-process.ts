import { fork } from 'node:child_process';
import { once } from 'node:events';
import { workspaceFile, type RunningService } from '@lyceum/service';

/** The service in a process of its own, which is never stopped but killed. */
export async function startProcess(variables: NodeJS.ProcessEnv): Promise<RunningService> {
  const child = fork(workspaceFile('subgraphs/learning', 'src/main.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...variables },
  });
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ url?: string } | number];
  if (typeof message === 'number') throw new Error(`learning ended with ${message}`);
  return {
    url: message.url ?? '',
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
