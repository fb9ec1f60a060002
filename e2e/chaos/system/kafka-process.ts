import { startKafka } from '@lyceum/testing';

/** A broker that is started again when it is killed, as whoever runs it does. */
export interface KafkaProcess {
  readonly brokers: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** @throws Error where Java or Maven is missing */
export async function prepareKafka(onEvent: (line: string) => void): Promise<KafkaProcess> {
  const kafka = await startKafka();
  if (kafka === null) throw new Error('Java 17 and Maven are needed for --kafka.');
  const { brokers } = kafka;
  const stopping = new AbortController();
  const hasStopped = () => stopping.signal.aborted;
  let isUp = true;

  async function keepAlive(running: typeof kafka): Promise<void> {
    for (;;) {
      await running?.ended();
      isUp = false;
      if (hasStopped()) return;
      onEvent('kafka: ended, again at once');
      const began = Date.now();
      await running?.restart();
      isUp = true;
      onEvent(`kafka: back after ${Date.now() - began} ms`);
      // Asked meanwhile.
      if (hasStopped()) await running?.kill();
    }
  }

  const keeping = keepAlive(kafka);
  return {
    brokers,
    pid: () => (isUp ? kafka.pid : undefined),
    async stop() {
      stopping.abort();
      await kafka.kill();
      await keeping;
      await kafka.stop();
    },
  };
}
