import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';

let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill('SIGKILL');
});

interface SlowService {
  readonly child: ChildProcess;
  readonly said: readonly string[];
  /** The exit code and the signal, when all that it said was read. */
  readonly ended: Promise<unknown>;
}

/** The service, once it has said the word. */
async function slowService(until: string): Promise<SlowService> {
  const running = fork(join(import.meta.dirname, 'support/slow-service.ts'), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child = running;
  const ended = Promise.all([once(running, 'exit'), once(running.stdout!, 'end')]).then(
    ([exit]): unknown => exit,
  );
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    running.stdout!.on('data', (chunk: Buffer) => {
      said.push(...chunk.toString().trim().split('\n'));
      if (said.includes(until)) resolve();
    });
  });
  return { child: running, said, ended };
}

const ways: [string, (child: ChildProcess) => void][] = [
  ['SIGINT', (service) => service.kill('SIGINT')],
  ['SIGTERM', (service) => service.kill('SIGTERM')],
  ['a message', (service) => service.send('stop')],
  [
    'the end of its parent',
    (service) => {
      service.disconnect();
    },
  ],
];

describe.each(ways)('%s', (_name, ask) => {
  test('stops a service that runs', async () => {
    const service = await slowService('started');
    ask(service.child);
    expect(await service.ended).toEqual([0, null]);
    expect(service.said).toEqual(['starting', 'started', 'stopped']);
  });

  test('stops a service that still starts, as soon as it has', async () => {
    const service = await slowService('starting');
    ask(service.child);
    expect(await service.ended).toEqual([0, null]);
    expect(service.said).toEqual(['starting', 'started', 'stopped']);
  });
});

test('a service that was asked to stop before it was ready never says that it is', async () => {
  const service = await slowService('starting');
  const messages: unknown[] = [];
  service.child.on('message', (message) => messages.push(message));
  service.child.kill('SIGTERM');
  await service.ended;
  expect(messages).toEqual([]);
});
