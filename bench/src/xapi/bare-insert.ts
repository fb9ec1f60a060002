import { clickHouseProcessEnvironment } from '@lyceum/engines';
import type { EndLater } from '../ending/ending.ts';
import { startChild } from './children.ts';
import { ask } from './click-house.ts';

/** Rows of one insert, as ingest makes them of its largest blocks. */
const blockRows = 30_000;

/**
 * How many rows a second a ClickHouse takes that has nothing else to do: the rows of the store's own statements, in
 * blocks as large as ingest's, into a table of the same columns, sorted as that one, with no index, projection or view.
 */
export async function bareInsert(
  { clickHouseUrl, directory, seconds }: { clickHouseUrl: string; directory: string; seconds: number },
  endLater: EndLater,
): Promise<number> {
  const rows = await ask(
    clickHouseUrl,
    `SELECT * FROM statements LIMIT ${String(blockRows)} FORMAT TabSeparated`,
  );
  const described = await ask(clickHouseUrl, 'DESCRIBE TABLE statements FORMAT TabSeparatedRaw');
  const columns = described.split('\n').map((row) => row.split('\t').slice(0, 2).join(' '));
  const bare = await startChild({
    file: 'packages/engines/src/clickhouse/main.ts',
    env: { ...clickHouseProcessEnvironment, LYCEUM_DATA_DIR: directory },
  });
  endLater(() => bare.stop());
  await fetch(bare.url, { method: 'POST', body: 'CREATE DATABASE lyceum' });
  await ask(
    bare.url,
    `CREATE TABLE bare (${columns.join(', ')}) ENGINE = MergeTree ORDER BY (organisation, stored, id)
      PARTITION BY toYYYYMM(stored)`,
  );
  const body = `${rows}\n`;
  const count = body.split('\n').length - 1;
  let inserted = 0;
  const started = performance.now();
  while (performance.now() - started < seconds * 1_000) {
    await ask(bare.url, 'INSERT INTO bare FORMAT TabSeparated', body);
    inserted += count;
  }
  return (inserted * 1_000) / (performance.now() - started);
}
