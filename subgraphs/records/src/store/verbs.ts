import { pageOn, readersOf, standsIn, type NamedPage, type Readers } from './named-page.ts';
import type { Select } from './select.ts';

/** Which verbs. */
export interface VerbScope extends Readers {
  readonly search: string | undefined;
}

/** What statements call a verb, as the JSON of a language map; empty where they say nothing. */
export interface VerbDisplay {
  readonly iri: string;
  readonly display: string;
}

/** Verbs by their IRIs (lrs/clickhouse/migrations/0014_verbs.sql). */
export function verbStore(select: Select) {
  return {
    async selectPage(scope: VerbScope, page: NamedPage): Promise<string[]> {
      const { conditions, order, parameters } = pageOn('verb', page);
      const rows = await select<{ verb: string }>(
        `SELECT DISTINCT verb FROM verbs WHERE ${[...conditionsOf(scope), ...conditions].join(' AND ')} ${order}`,
        { ...parametersOf(scope), ...parameters },
      );
      return rows.map(({ verb }) => verb);
    },

    async count(scope: VerbScope): Promise<number> {
      const [row] = await select<{ found: number }>(
        `SELECT toFloat64(uniqExact(verb)) AS found FROM verbs WHERE ${conditionsOf(scope).join(' AND ')}`,
        parametersOf(scope),
      );
      return row?.found ?? 0;
    },

    /** What the newest statements call these verbs; found by when they were stored. */
    selectDisplays: (organisation: string, verbs: readonly string[]) =>
      select<VerbDisplay>(
        `SELECT toString(verb) AS iri, JSONExtractRaw(statement, 'verb', 'display') AS display FROM statements
         WHERE organisation = {organisation:String} AND statements.verb IN {verbs:Array(String)}
         AND stored IN (SELECT max(last) FROM verbs
           WHERE organisation = {organisation:String} AND verbs.verb IN {verbs:Array(String)} GROUP BY verbs.verb)
         ORDER BY stored DESC LIMIT 1 BY verb`,
        { organisation, verbs },
      ),
  };
}

function conditionsOf(scope: VerbScope): string[] {
  return [
    'organisation = {organisation:String}',
    ...(scope.search === undefined ? [] : ['positionCaseInsensitiveUTF8(verb, {search:String}) > 0']),
    ...standsIn(scope, 'verb', 'toString(verb)'),
  ];
}

function parametersOf(scope: VerbScope) {
  return { ...readersOf(scope), search: scope.search };
}
