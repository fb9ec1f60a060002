import { fileURLToPath } from 'node:url';
import { isMain, runService, type Service } from '@lyceum/service';
import { readEnv } from '../receive/env.ts';
import { startReceivers } from './start-receivers.ts';

/** The receiver beside this file: its source beside ours, its bundle beside our bundle. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const receiver = fileURLToPath(new URL(`../receive/main.${extension}`, import.meta.url));

/** As many receivers as XAPI_RECEIVERS says; one alone is this process itself. */
export const service: Service = {
  name: 'lrs-receive',
  async start() {
    const env = readEnv();
    if (env.XAPI_RECEIVERS > 1) return startReceivers(env, receiver);
    const { startReceive } = await import('../receive/main.ts');
    return startReceive(env);
  },
};

if (isMain(import.meta)) await runService(service);
