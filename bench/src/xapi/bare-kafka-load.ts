import { startChild } from './children.ts';
import type { Peer } from './compare.ts';
import type { LoadResult } from './load.ts';
import { statementBody } from './statements.ts';

/** kafkajs alone: as many senders as there are connections, each record as large as the body of a request. */
export function bareKafka(brokers: string): Peer {
  return async ({ batch, connections }, endLater) => {
    const child = await startChild({ file: 'bench/src/xapi/bare-kafka.ts', args: [brokers] });
    endLater(() => child.stop());
    const bytes = statementBody(batch).bytes.length;
    return async (seconds) => {
      const query = `seconds=${String(seconds)}&senders=${String(connections)}&bytes=${String(bytes)}`;
      const answer = await fetch(`${child.url}/?${query}`);
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as LoadResult;
    };
  };
}
