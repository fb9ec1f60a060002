import type { ClickHouseClient } from '@clickhouse/client';

interface Said {
  readonly organisation: string;
  /** As ClickHouse writes it: the latest stays. */
  readonly stored: string;
}

export interface DefinitionRow extends Said {
  readonly activity: string;
  readonly part: string;
  readonly value: string;
}

export interface NameRow extends Said {
  readonly agent: string;
  readonly name: string;
}

/** The tables of migration 0012. An aborted signal ends the waiting, and rejects. */
export interface DefinitionTable {
  insertDefinitions(rows: readonly DefinitionRow[], signal: AbortSignal): Promise<void>;
  insertNames(rows: readonly NameRow[], signal: AbortSignal): Promise<void>;
}

export function createDefinitionTable(clickHouse: ClickHouseClient): DefinitionTable {
  const insert = async (table: string, values: readonly object[], abort_signal: AbortSignal) => {
    await clickHouse.insert({
      table,
      values: [...values],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
      abort_signal,
    });
  };
  return {
    insertDefinitions: (rows, signal) => insert('activity_definitions', rows, signal),
    insertNames: (rows, signal) => insert('agent_names', rows, signal),
  };
}
