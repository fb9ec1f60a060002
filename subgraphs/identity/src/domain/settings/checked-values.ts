import { invalid } from '@lyceum/service';
import type { Catalogue, Entry, ValuesOf } from './catalogue.ts';

/** As PostgreSQL keeps them: JSON of whichever version of the catalogue wrote it. */
export type StoredValues = Readonly<Record<string, unknown>>;

/** What is absent stays; null goes back to the default. */
export type Changes<Of extends Catalogue> = {
  readonly [Name in keyof Of]?: ValuesOf<Of>[Name] | null | undefined;
};

/** A change as it is written: what is set, and what goes back to its default. */
export interface ValuesChange {
  readonly set: Readonly<Record<string, unknown>>;
  readonly unset: readonly string[];
}

/**
 * What is stored, of the names that this catalogue has and as it has them: an older version may have had other names, and
 * other choices, a newer one too.
 */
export function readable<Of extends Catalogue>(catalogue: Of, stored: StoredValues): Partial<ValuesOf<Of>> {
  const known = Object.entries(catalogue).filter(
    ([name, entry]) => faultOf(entry, stored[name]) === undefined,
  );
  return Object.fromEntries(known.map(([name]) => [name, stored[name]])) as Partial<ValuesOf<Of>>;
}

/** All of a catalogue at its defaults. */
export function standards<Of extends Catalogue>(catalogue: Of): ValuesOf<Of> {
  const all = Object.entries(catalogue).map(([name, { standard }]) => [name, standard]);
  return Object.fromEntries(all) as ValuesOf<Of>;
}

/** What was asked for, of the names that the catalogue has. @throws INVALID */
export function checkedChange(
  catalogue: Catalogue,
  input: Readonly<Record<string, unknown>>,
  path: readonly string[],
): ValuesChange {
  const asked = Object.entries(catalogue).filter(([name]) => input[name] !== undefined);
  const given = asked.filter(([name]) => input[name] !== null);
  for (const [name, entry] of given) {
    const fault = faultOf(entry, input[name]);
    if (fault !== undefined) throw invalid([...path, name], `${name} ${fault}.`);
  }
  return {
    set: Object.fromEntries(given.map(([name]) => [name, input[name]])),
    unset: asked.filter(([name]) => input[name] === null).map(([name]) => name),
  };
}

/** The names that a change is about. */
export const namesIn = ({ set, unset }: ValuesChange): readonly string[] => [...Object.keys(set), ...unset];

/** Why a value can't be taken; undefined where it can. */
function faultOf(entry: Entry, value: unknown): string | undefined {
  switch (entry.kind) {
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'is true or false';
    case 'choice':
      return entry.choices.some((choice) => choice === value)
        ? undefined
        : `is one of ${entry.choices.join(', ')}`;
    case 'amount': {
      const { least, most, whole } = entry;
      const number = typeof value === 'number' && (!whole || Number.isInteger(value));
      return number && value >= least && value <= most
        ? undefined
        : `is a ${whole ? 'whole ' : ''}number from ${least} to ${most}`;
    }
  }
}
