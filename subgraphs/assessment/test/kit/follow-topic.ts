import type { EventLog, LogRecord } from '@lyceum/events';

/** What arrives on a topic from now on. */
export interface FollowedTopic {
  readonly records: readonly LogRecord[];
  stop(): Promise<void>;
}

export async function followTopic(log: EventLog, topic: string): Promise<FollowedTopic> {
  const stopping = new AbortController();
  const tail = log.tail({ topic, from: 'now', signal: stopping.signal });
  const records: LogRecord[] = [];
  const ended = (async () => {
    for await (const record of tail) records.push(record);
  })();
  await tail.ready;
  return {
    records,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
