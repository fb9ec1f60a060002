/** A statement that is in ClickHouse, as far as following references needs it. */
export interface KnownStatement {
  readonly id: string;
  readonly stored: string;
  /** The id that it refers to. */
  readonly target: string | null;
}

/** By id; null: ClickHouse does not have it; `gone`: it never will again, since a retention dropped it. */
export type KnownStatements = Map<string, KnownStatement | null | 'gone'>;

/** A statement, and the place where its chain goes on. */
export interface Waiting {
  readonly id: string;
  readonly stored: string;
  readonly target: string;
  /** Statements reached before. */
  readonly depth: number;
  /** The newest `stored` on the way so far. */
  readonly known: string;
}

export interface Reached {
  readonly target: KnownStatement;
  readonly known: string;
}

export interface Chain {
  readonly from: Waiting;
  readonly reached: readonly Reached[];
  /** Where it goes on once a statement comes that is not there. */
  readonly waits?: Waiting;
  /** An id that has to be looked up before the walk can end. */
  readonly unknown?: string;
}

/**
 * So many statements of a chain are followed. What a chain costs grows with the square of its length, since each
 * statement of it reaches all behind it: an end there must be, and no tool comes near this one.
 */
export const longestChain = 1_000;

/** Follows a chain as far as is known. A loop ends where it closes; a statement never reaches itself. */
export function walkChain(from: Waiting, statements: KnownStatements): Chain {
  const reached: Reached[] = [];
  const seen = new Set([from.id]);
  let { target, known } = from;
  for (let depth = from.depth; depth < longestChain && !seen.has(target); depth += 1) {
    const found = statements.get(target);
    if (found === undefined) return { from, reached, unknown: target };
    if (found === 'gone') break;
    if (found === null) return { from, reached, waits: { ...from, target, depth, known } };
    if (found.stored > known) known = found.stored;
    reached.push({ target: found, known });
    seen.add(target);
    if (found.target === null) break;
    target = found.target;
  }
  return { from, reached };
}
