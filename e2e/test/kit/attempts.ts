import { expect } from '@jest/globals';
import type { System } from '@lyceum/testing';
import { queryDatabase } from './database.ts';
import { queryClickHouse } from './records.ts';

/**
 * What assessment keeps in PostgreSQL and what it told in statements, through its outbox, are the same: each attempt
 * was begun once, and each that was graded has one outcome.
 */
export async function expectAttemptsTold(system: System): Promise<void> {
  const [kept] = await queryDatabase(
    system,
    'assessment',
    "SELECT count(*)::int AS begun, (count(*) FILTER (WHERE state = 'GRADED'))::int AS graded FROM attempt",
  );
  const [told] = await queryClickHouse(
    system,
    `SELECT toUInt32(countIf(verb LIKE '%/attempted')) AS begun,
       toUInt32(countIf(verb LIKE '%/passed' OR verb LIKE '%/failed')) AS graded,
       toUInt32(uniqExactIf(registration, verb LIKE '%/attempted')) AS attempts
     FROM statements WHERE authority NOT LIKE '%|lrskey_%'`,
  );
  expect(told).toEqual({ ...kept, attempts: (kept as { begun: number }).begun });
}
