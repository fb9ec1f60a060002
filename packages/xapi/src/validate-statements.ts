import { Walk, type Fault } from './fault.ts';
import { statementCheck, type Edition } from './statement-checks.ts';

const checks = { '1.0': statementCheck('1.0'), '2.0': statementCheck('2.0') };

export interface Validation {
  /** Empty when every statement is valid; never more than 100. */
  faults: Fault[];
  /** How many object members the values have, at any depth (exact only where there is no fault). */
  members: number;
}

/**
 * Holds one statement, or an array of them, as JSON.parse gave them, against xAPI's rules of structure. Paths
 * of an array's statements start with their index.
 */
export function inspectStatements(value: unknown, edition: Edition = '1.0'): Validation {
  const walk = new Walk();
  const check = checks[edition];
  if (!Array.isArray(value)) check(value, walk);
  else {
    for (let index = 0; index < value.length; index += 1) {
      walk.enter(index);
      check(value[index], walk);
      walk.leave();
    }
  }
  return walk;
}

/** The faults of {@link inspectStatements}. */
export function validateStatements(value: unknown, edition: Edition = '1.0'): Fault[] {
  return inspectStatements(value, edition).faults;
}
