import type { ConnectionSource, CursorKey, Page } from '@lyceum/graphql';
import { invalid } from '@lyceum/service';
import type { NamedPage } from '../store/named-page.ts';
import { withinLimits } from './within-limits.ts';

/** A list in the order of the texts that name its rows, as the source of a connection. @throws TOO_EXPENSIVE */
export function namedList<Row>(o: {
  readonly select: (page: NamedPage) => Promise<readonly string[]>;
  readonly count: () => Promise<number>;
  readonly rowOf: (name: string) => Row;
  readonly nameOf: (row: Row) => string;
}): ConnectionSource<Row> {
  return {
    rows: async (page) => (await withinLimits(() => o.select(namedPage(page)))).map(o.rowOf),
    key: (row) => [o.nameOf(row)],
    count: () => withinLimits(o.count),
  };
}

/** @throws INVALID for a cursor of another list */
function namedPage({ limit, backward, after, before }: Page): NamedPage {
  return { limit, backward, after: nameIn('after', after), before: nameIn('before', before) };
}

function nameIn(argument: string, key: CursorKey | undefined): string | undefined {
  if (key === undefined) return undefined;
  const [name] = key;
  if (key.length === 1 && typeof name === 'string') return name;
  throw invalid([argument], `${argument} is not a cursor that this list gave out.`);
}

const longest = 200;

/** A text that is searched for; undefined where none is asked for. @throws INVALID */
export function searchOf(field: readonly string[], text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  if (text.trim() === '' || text.length > longest)
    throw invalid(field, `Must have 1 to ${longest} characters.`);
  return text;
}
