/**
 * What a service does with each of its tables when a person asks for what is held of them, or is erased. One list says
 * both, so that a table stands in it or the service's test fails (undecided.ts).
 *
 * In all SQL here `t` is a row of the table, `$1` the organisation, `$2` the person's id, `$3` their addresses (an array,
 * lower case) and `$4` the instant up to which an erasure reaches.
 */

/** A table with rows that are about one person each. */
export interface PersonalTable {
  /** What the rows are called in reports, and the file in the archive: `enrolments`. */
  readonly what: string;
  /** Which rows are the person's. */
  readonly where: string;
  /** The columns that the person is given. None: the rows are not in the archive. */
  readonly columns: readonly string[];
  /** What the person is given of columns that are withheld as a whole: SQL by the name in the archive. */
  readonly expressions?: Readonly<Record<string, string>>;
  /** The columns that they are not given, each with the reason: a secret, or nothing about them. */
  readonly withheld: Readonly<Record<string, string>>;
  /** A text that no other row of the person has, and that orders them. Absent: `t.id`. */
  readonly key?: string;
  /** What an erasure does, in this order. */
  readonly erasure: readonly Erasure[];
}

export type Erasure =
  | { readonly action: 'DELETED'; readonly where?: string }
  /** @param set as of an UPDATE */
  | { readonly action: 'REPLACED'; readonly set: string; readonly where?: string; readonly reason: string }
  | { readonly action: 'KEPT'; readonly where?: string; readonly reason: string };

/** A table in which nothing is about a person, and why. */
export interface ImpersonalTable {
  readonly nothing: string;
}

/** By the table's name. Erasures follow this order, which foreign keys may ask for. */
export type TableDecisions = Readonly<Record<string, PersonalTable | ImpersonalTable>>;

export const personalTables = (tables: TableDecisions): [name: string, PersonalTable][] =>
  Object.entries(tables).filter((entry): entry is [string, PersonalTable] => 'what' in entry[1]);

/** The tables of every service that answers. */
export const messageTables = {
  outbox: { nothing: 'Events on their way to the log, for a second.' },
  personal_data_work: { nothing: 'How far the answers about people are; ids and counts.' },
} as const satisfies TableDecisions;
