import type { Allowed } from './allowed.ts';
import type { Change } from './compare.ts';

/** What has changed since the last release, for people, and what is wrong with it. */
export interface Report {
  readonly lines: readonly string[];
  /** Empty: it may be merged. */
  readonly faults: readonly string[];
}

const marks = { breaking: '✖', dangerous: '⚠', safe: '✔' } as const;

export function report(changes: readonly Change[], allowed: readonly Allowed[]): Report {
  const breaking = changes.filter(({ level }) => level === 'breaking');
  const isAllowed = (message: string) => allowed.some((each) => each.message === message);
  return {
    lines: changes.map((change) => line(change, isAllowed(change.message))),
    faults: [
      ...breaking
        .filter(({ message }) => !isAllowed(message))
        .map((change) => `${change.message} breaks ${whom(change)}, and is not allowed.`),
      ...allowed
        .filter(({ reason }) => reason === '')
        .map(({ message }) => `"${message}" is allowed without a reason above it.`),
      ...allowed
        .filter(({ message }) => !breaking.some((change) => change.message === message))
        .map(({ message }) => `"${message}" is allowed, and there is no such breaking change.`),
    ],
  };
}

function line(change: Change, isAllowed: boolean): string {
  const told = change.level === 'safe' ? '' : ` (${isAllowed ? 'allowed; ' : ''}${whom(change)})`;
  return `${marks[change.level]} ${change.level.padEnd(9)} ${change.message}${told}`;
}

function whom({ touches }: Change): string {
  return touches.length === 0 ? 'no known operation' : touches.join(', ');
}
