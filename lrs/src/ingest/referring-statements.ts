import { statementColumns, verbs } from '@lyceum/xapi';
import type { KeptLines } from './block.ts';

/** A statement whose object is a StatementRef. */
export interface ReferringStatement {
  readonly id: string;
  /** As ClickHouse writes it, in microseconds, UTC. */
  readonly stored: string;
  /** The id that it refers to. */
  readonly target: string;
  readonly voiding: boolean;
  /** Whether who brought it may void what others brought. */
  readonly voidsAny: boolean;
  /** As in a line, escaped. */
  readonly authority: string;
}

/** Raw tabs are between columns only, and no other column can be that: one look finds the records that matter. */
const typeColumn = '\tStatementRef\t';

const place = (name: (typeof statementColumns)[number]) => statementColumns.indexOf(name);
const [storedAt, verbAt, typeAt, targetAt, authorityAt] = [
  place('stored'),
  place('verb'),
  place('object_type'),
  place('object_statement'),
  place('authority'),
];

/** Those of a block. Hardly any record has one. */
export function referringStatements(kept: readonly KeptLines[]): ReferringStatement[] {
  return kept
    .filter(({ record }) => record.value.includes(typeColumn))
    .flatMap(({ record, places }) =>
      places
        .map((index) =>
          record.value
            .toString('utf8', index === 0 ? 0 : record.ends[index - 1], record.ends[index])
            .split('\t'),
        )
        .filter((columns) => columns[typeAt] === 'StatementRef')
        .map((columns) => ({
          id: columns[0] ?? '',
          stored: columns[storedAt] ?? '',
          target: columns[targetAt] ?? '',
          voiding: columns[verbAt] === verbs.voided,
          voidsAny: record.voidsAny,
          authority: columns[authorityAt] ?? '',
        })),
    );
}

/** The ids of a block that something may wait for: nobody knew those that the receiver made. */
export function arrivedIds(kept: readonly KeptLines[]): string[] {
  return kept
    .filter(({ record }) => !record.idsMade)
    .flatMap(({ record, places }) => places.map((index) => record.ids[index] ?? ''));
}
