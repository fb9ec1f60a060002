import type { CursorKey, Page } from '@lyceum/graphql';
import { invalid, type Viewer } from '@lyceum/service';
import { isUuid } from '@lyceum/xapi';
import type { Narrowing } from '@lyceum/xapi/query';
import type { StatementRow } from '../store/statement-row.ts';
import type { StatementPage, StatementPlace, StatementQuery } from '../store/statements.ts';
import { learnersSeenBy } from './access.ts';
import { agentKeysOf, type AgentFilter } from './agent-filter.ts';
import type { Names } from './names.ts';
import { needlesOf } from './text-search.ts';

export interface StatementFilter {
  readonly actor?: string | null | undefined;
  readonly agent?: AgentFilter | null | undefined;
  readonly relatedAgents?: boolean | null | undefined;
  readonly verb?: string | null | undefined;
  readonly activity?: string | null | undefined;
  readonly relatedActivities?: boolean | null | undefined;
  readonly registration?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
  readonly success?: boolean | null | undefined;
  readonly completion?: boolean | null | undefined;
  readonly score?: ScoreRange | null | undefined;
  readonly search?: string | null | undefined;
}

/** Scaled scores; what is absent does not bound. */
export interface ScoreRange {
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

export type StatementOrder = 'STORED_ASC' | 'STORED_DESC';

/** What a viewer asked to see, within what they may see. @throws INVALID, FORBIDDEN */
export function queryOf(
  names: Names,
  viewer: Viewer,
  filter: StatementFilter,
): Omit<StatementQuery, 'filter'> & { filter: Omit<StatementQuery['filter'], 'ascending'> } {
  const { agent, verb, activity, registration, since, until } = filter;
  const { relatedAgents, relatedActivities } = filter;
  return {
    organisationId: viewer.organisationId,
    filter: {
      ...(agent != null && { agent: agentKeysOf(names, ['filter', 'agent'], agent) }),
      ...(relatedAgents != null && { relatedAgents }),
      ...(verb != null && { verb: names.verbOf(['filter', 'verb'], verb) }),
      ...(activity != null && { activity: names.activityOf(['filter', 'activity'], activity) }),
      ...(relatedActivities != null && { relatedActivities }),
      ...(registration != null && { registration: uuidOf(['filter', 'registration'], registration) }),
      ...(since != null && { since: comparable(since) }),
      ...(until != null && { until: comparable(until) }),
    },
    narrowing: narrowingOf(names, viewer, filter),
  };
}

/** What the viewer may read at all. @throws FORBIDDEN */
export function readableBy(
  names: Names,
  viewer: Viewer,
): Pick<StatementQuery, 'organisationId' | 'narrowing'> {
  return { organisationId: viewer.organisationId, narrowing: narrowingOf(names, viewer, {}) };
}

function narrowingOf(names: Names, viewer: Viewer, filter: StatementFilter): Narrowing {
  const { actor, success, completion, score, search } = filter;
  const words = search == null ? [] : needlesOf(['filter', 'search'], search);
  const seen = learnersSeenBy(viewer, null)?.flatMap((userId) => names.actorsOf(userId));
  // Whom they ask for, they must be allowed to.
  learnersSeenBy(viewer, actor);
  const given: [string, unknown, string][] = [
    ['actors', actor == null ? undefined : names.actorsOf(actor), 'actor IN {actors:Array(String)}'],
    ['success', success, 'success = {success:Bool}'],
    ['completion', completion, 'completion = {completion:Bool}'],
    ['score_from', score?.from, 'score_scaled >= {score_from:Float64}'],
    ['score_to', score?.to, 'score_scaled <= {score_to:Float64}'],
    ...words.map((needles, index): [string, unknown, string] => [
      `word${String(index)}`,
      needles,
      `multiSearchAnyCaseInsensitiveUTF8(statement, {word${String(index)}:Array(String)})`,
    ]),
  ];
  const asked = given.filter(([, value]) => value != null);
  return {
    own: asked.map(([, , condition]) => condition),
    readable: seen === undefined ? [] : ['actor IN {readers:Array(String)}'],
    parameters: {
      ...Object.fromEntries(asked.map(([name, value]) => [name, value])),
      ...(seen !== undefined && { readers: seen }),
    },
    actors: [...(actor == null ? [] : ['actors']), ...(seen === undefined ? [] : ['readers'])],
  };
}

function uuidOf(field: readonly string[], text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw invalid(field, 'Must be a UUID.');
}

/** ClickHouse compares the years 1900 to 2299, in which everything is stored. */
function comparable(instant: Date): string {
  const [first, last] = [Date.UTC(1900, 0), Date.UTC(2299, 11, 31)];
  return new Date(Math.min(Math.max(instant.getTime(), first), last)).toISOString();
}

export const cursorKey = ({ stored, id }: StatementRow): CursorKey => [stored, id];

/** The page as it is walked: from its own end where `backward`. @throws INVALID for a cursor of another list. */
export function statementPage(
  { filter, ...query }: ReturnType<typeof queryOf>,
  order: StatementOrder,
  { limit, backward, after, before }: Page,
): StatementPage {
  const [from, to] = [placeOf('after', after), placeOf('before', before)];
  return {
    ...query,
    filter: { ...filter, ascending: (order === 'STORED_ASC') !== backward },
    limit,
    after: backward ? to : from,
    before: backward ? from : to,
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function placeOf(argument: string, key: CursorKey | undefined): StatementPlace | undefined {
  if (key === undefined) return undefined;
  const [stored, id] = key;
  const ours = typeof stored === 'string' && typeof id === 'string' && instant.test(stored) && isUuid(id);
  if (!ours) throw invalid([argument], `${argument} is not a cursor that this list gave out.`);
  return { stored: stored.replace('T', ' ').slice(0, -1), id };
}
