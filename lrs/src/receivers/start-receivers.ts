import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createLogger, type RunningService } from '@lyceum/service';
import type { Env } from '../receive/env.ts';
import { listen } from '../receive/listen.ts';
import { receiverVariable } from '../receive/siblings.ts';
import { createConnections } from './connections.ts';
import { shareOf } from './in-flight-share.ts';
import { createQuestions } from './questions.ts';
import { createReceiverProcess, type ReceiverProcess } from './receiver-process.ts';

/**
 * Several receivers on one port, each a process of its own. This one accepts connections and hands them on, reading
 * nothing, so that few clients fill all cores too. The receivers agree as they would on several machines
 * (docs/decisions/0022-statement-ids.md, 0023-reading.md). The port stays open whichever of them dies.
 *
 * @param file what a receiver runs
 * @returns when the first is ready: the others follow
 * @throws StartError
 */
export async function startReceivers(env: Env, file: string): Promise<RunningService> {
  const logger = createLogger({ service: 'lrs-receive', level: env.LOG_LEVEL });
  const connections = createConnections();
  const questions = createQuestions();
  const parts = [connections, questions];
  const events = {
    onReady: (child: ChildProcess) => {
      for (const part of parts) part.add(child);
    },
    onMessage: (child: ChildProcess, message: unknown) => {
      for (const part of parts) part.hear(child, message);
    },
    onEnded: (child: ChildProcess) => {
      for (const part of parts) part.remove(child);
    },
  };
  const processOf = (_: unknown, index: number): ReceiverProcess => {
    const variables = { ...process.env, ...shareOf(env, env.XAPI_RECEIVERS) };
    const number = index + 1;
    return createReceiverProcess({
      number,
      file,
      env: { ...variables, [receiverVariable]: String(number) },
      logger,
      ...events,
    });
  };
  const receivers = Array.from({ length: env.XAPI_RECEIVERS }, processOf);
  const [first, ...others] = receivers;
  await first?.start();
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    // Its client may be gone before anybody took it.
    socket.on('error', () => undefined);
    connections.give(socket);
  });
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  logger.info({ url: `${url}/xapi`, receivers: receivers.length }, 'lrs-receive is ready');
  for (const other of others) {
    other.start().catch((error: unknown) => {
      logger.error({ err: error }, 'a receiver did not start; the others go on without it');
    });
  }
  return {
    url,
    async stop() {
      server.close();
      await Promise.all(receivers.map((each) => each.stop()));
      connections.close();
    },
  };
}
