import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { Logger } from '@lyceum/service';
import type { IdPage, IngestedIds } from './ingested-ids.ts';

/** Ids that are read at a time, by the projection by_id. */
const pageIds = 20_000;

const retryMs = 5_000;

/**
 * Takes the ids of statements that were in ClickHouse before ids were taken. In the background: until it has ended, one of
 * those ids seems free to a receiver, and ingest keeps the first statement. Tries until it succeeds or is stopped.
 */
export function startFilling(o: {
  ids: Pick<IngestedIds, 'fill'>;
  clickHouse: ClickHouseClient;
  logger: Logger;
}): { readonly done: Promise<void>; stop(): Promise<void> } {
  const { ids, clickHouse, logger } = o;
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = () => signal.aborted;

  async function fill(): Promise<void> {
    while (!isStopping()) {
      try {
        await ids.fill(pagesOf(clickHouse, signal));
        return;
      } catch (error) {
        if (!isStopping()) logger.warn({ err: error }, 'ids of old statements were not all taken');
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const done = fill();
  return {
    done,
    stop() {
      stopping.abort();
      return done;
    },
  };
}

const pageOf = (table: string) => `(SELECT organisation, id FROM ${table}
  WHERE (organisation, id) > ({organisation:String}, toUUID({id:String}))
  ORDER BY organisation, id LIMIT ${String(pageIds)})`;

/** All ids that ClickHouse has, or had until a retention dropped their statements, in order of organisation and id. */
export async function* pagesOf(clickHouse: ClickHouseClient, signal: AbortSignal): AsyncGenerator<IdPage> {
  let after = { organisation: '', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    signal.throwIfAborted();
    const answer = await clickHouse.query({
      query: `SELECT toString(organisation), toString(id) FROM (${pageOf('statements')} UNION ALL ${pageOf('dropped_statements')})
        ORDER BY organisation, id LIMIT ${String(pageIds)}`,
      query_params: after,
      format: 'TabSeparatedRaw',
      abort_signal: signal,
    });
    const rows = (await answer.text()).split('\n').slice(0, -1);
    const page = new Map<string, string[]>();
    for (const row of rows) {
      const [organisation = '', id = ''] = row.split('\t');
      const ids = page.get(organisation) ?? [];
      page.set(organisation, ids);
      ids.push(id);
      after = { organisation, id };
    }
    for (const [organisationId, ids] of page) yield { organisationId, ids };
    if (rows.length < pageIds) return;
  }
}
