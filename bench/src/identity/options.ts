import { parseArgs } from 'node:util';

export const partNames = ['verification', 'logins', 'users', 'import'] as const;
export type PartName = (typeof partNames)[number];

/** How much of everything. */
export interface Options {
  readonly only: readonly PartName[];
  readonly seconds: number;
  readonly runs: number;
  /** People of the organisation whose list is read. */
  readonly users: number;
  /** Of the file that is imported. */
  readonly rows: number;
}

/** @throws TypeError for an option that there is not, Error for a part that there is not */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [...partNames] },
      seconds: { type: 'string', default: '5' },
      runs: { type: 'string', default: '3' },
      users: { type: 'string', default: '1000000' },
      rows: { type: 'string', default: '100000' },
    },
  });
  const { only, ...numbers } = values;
  return { only: only.map(checkedPart), ...positive(numbers) };
}

function checkedPart(name: string): PartName {
  const part = partNames.find((known) => known === name);
  if (!part) throw new Error(`There is no part ${name}. There are: ${partNames.join(', ')}.`);
  return part;
}

function positive<Name extends string>(texts: Record<Name, string>): Record<Name, number> {
  for (const [name, text] of Object.entries<string>(texts))
    if (!(Number.isSafeInteger(Number(text)) && Number(text) > 0))
      throw new Error(`--${name} is a number above 0.`);
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => [name, Number(text)]),
  ) as Record<Name, number>;
}
