/** One thing wrong with a statement. */
export interface Fault {
  /** Where, as one would write it in code: `actor.mbox`, `[3].object.id`; empty for the whole. */
  path: string;
  /** What is wrong and what would be right, for a person. */
  reason: string;
  /** The paragraph broken: `Data 2.4.2.3` is section 2.4.2.3 of xAPI 1.0.3 Part Two. */
  spec: string;
}

const plainName = /^[A-Za-z_$][\w$]*$/;

function step(key: string | number): string {
  if (typeof key === 'number') return `[${String(key)}]`;
  return plainName.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Writes a path of keys and indexes as code would: `[3].object.id`. */
export function formatPath(keys: readonly (string | number)[]): string {
  const text = keys.map(step).join('');
  return text.startsWith('.') ? text.slice(1) : text;
}

/** More than this many faults help nobody; the bound keeps a hostile batch from filling memory. */
const faultLimit = 100;

/**
 * The state of one validation: where it is, what it found, and how many object members it has seen (which,
 * compared with the members in the text, shows a property given twice).
 */
export class Walk {
  readonly faults: Fault[] = [];
  members = 0;
  /** As far as `depth`; what lies behind is of where it was before. */
  readonly #path: (string | number)[] = [];
  #depth = 0;

  enter(key: string | number): void {
    this.#path[this.#depth] = key;
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Notes a fault of the value that the walk is at. */
  fault(reason: string, spec: string): void {
    if (this.faults.length < faultLimit)
      this.faults.push({ path: formatPath(this.#path.slice(0, this.#depth)), reason, spec });
  }

  /** Notes a fault of a member of the value that the walk is at. */
  faultAt(key: string | number, reason: string, spec: string): void {
    this.enter(key);
    this.fault(reason, spec);
    this.leave();
  }
}
