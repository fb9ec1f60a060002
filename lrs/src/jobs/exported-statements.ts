import type { ClickHouseClient } from '@lyceum/clickhouse';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import { storedOfIso } from '../query/stored.ts';
import { storedOf } from '../personal-data/person.ts';
import type { FoundStatement } from '../query/select-statements.ts';
import type { StatementPlace } from '@lyceum/xapi/query';
import type { StoreJobRequest } from '../store/store-jobs.ts';

/** The statements of an export, in order of (stored, id). Both throw UnavailableError. */
export interface ExportedStatements {
  count(request: StoreJobRequest): Promise<number>;
  /** So many behind a place, some at a time, as ClickHouse sends them: none more is held than is being taken. */
  read(
    request: StoreJobRequest,
    after: StatementPlace | undefined,
    limit: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly FoundStatement[]>;
}

export function createExportedStatements(clickHouse: ClickHouseClient): ExportedStatements {
  return {
    async count(request) {
      try {
        const query = `SELECT count() FROM statements WHERE ${conditionsOf(request)}`;
        const answer = await clickHouse.query({
          query,
          query_params: parametersOf(request),
          format: 'TabSeparated',
        });
        return Number(await answer.text());
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },

    async *read(request, after, limit, signal) {
      const further = `AND stored >= ${instant('stored')} AND (stored, id) > (${instant('stored')}, toUUID({id:String}))`;
      const query = `SELECT toString(stored), toString(id), statement FROM statements
        WHERE ${conditionsOf(request)} ${after ? further : ''} ORDER BY stored, id LIMIT ${String(limit)}`;
      try {
        const answer = await clickHouse.query({
          query,
          query_params: { ...parametersOf(request), ...after },
          format: 'TabSeparatedRaw',
          // Blocks of rows that may be megabytes each.
          clickhouse_settings: { max_block_size: '512', log_queries: 0 },
          abort_signal: signal,
        });
        for await (const rows of answer.stream()) yield rows.map(({ text }) => foundOf(text));
      } catch (error) {
        throw signal.aborted ? error : clickHouseFailure(error);
      }
    },
  };
}

const instant = (name: string) => `toDateTime64({${name}:String}, 6, 'UTC')`;

function conditionsOf({ since, verb, activity }: StoreJobRequest): string {
  return [
    'organisation = {organisation:String}',
    `stored <= ${instant('until')}`,
    ...(since === undefined ? [] : [`stored > ${instant('since')}`]),
    ...(verb === undefined ? [] : ['verb = {verb:String}']),
    ...(activity === undefined ? [] : ['activity = {activity:String}']),
  ].join(' AND ');
}

/** Up to the end of the millisecond of the request, or to what it says. */
function parametersOf({ organisationId, since, until, requestedAt, verb, activity }: StoreJobRequest) {
  const asked = storedOf(new Date(requestedAt));
  const limit = until === undefined ? asked : storedOfIso(new Date(until).toISOString());
  return {
    organisation: organisationId,
    until: limit < asked ? limit : asked,
    ...(since === undefined ? {} : { since: storedOfIso(new Date(since).toISOString()) }),
    ...(verb === undefined ? {} : { verb }),
    ...(activity === undefined ? {} : { activity }),
  };
}

function foundOf(row: string): FoundStatement {
  const [stored = '', id = ''] = row.split('\t', 2);
  return { stored, id, text: row.slice(stored.length + id.length + 2) };
}
