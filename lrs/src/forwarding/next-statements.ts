import type { ClickHouseClient } from '@clickhouse/client';
import { erasePerson } from '@lyceum/xapi';
import {
  bySortingKey,
  agentIsActorOrObject,
  agentIsRelated,
  placeRows,
  type StatementPlace,
} from '@lyceum/xapi/query';
import { personOfNote } from '../personal-data/erasure-note.ts';
import type { FoundStatement } from '../query/select-statements.ts';
import { instantOfStored } from '../query/stored.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import type { ErasedPerson } from '../store/erased-people.ts';
import { lastId, type ForwardingSetup } from '../store/statement-forwardings.ts';

type Filter = ForwardingSetup['filter'];
type Wanted = Pick<ForwardingSetup, 'organisationId' | 'filter'>;

/** What a forwarding sends next. All throw UnavailableError. */
export interface NextStatements {
  /**
   * Statements behind a place and not behind a time, in order, as many as one request is to have; and how far that looked,
   * which may be on though there are none.
   */
  select(wanted: Wanted, after: StatementPlace, through: string): Promise<LookedAt>;
  /** Of these places, those that are wanted. */
  selectAt(wanted: Wanted, places: readonly StatementPlace[]): Promise<FoundStatement[]>;
  /** How many wait behind a place, counted up to 100,000; undefined where that takes too long. */
  count(wanted: Wanted, after: StatementPlace): Promise<number | undefined>;
}

export interface LookedAt {
  readonly statements: readonly FoundStatement[];
  readonly place: StatementPlace;
}

/** Statements of one request, and bytes of their texts: what a store takes that has smaller limits than ours. */
const requestStatements = 200;
const requestBytes = 2 ** 20;

/** Rows that one look goes over, however few of them are wanted. */
const lookedAtRows = 100_000;

const countedRows = 100_000;
const countSeconds = 5;

const stored = (parameter: string) => `toDateTime64({${parameter}:String}, 6, 'UTC')`;
const ofOrganisation = 'organisation = {organisation:String}';
const behind = `${ofOrganisation} AND stored >= ${stored('afterStored')}
  AND (stored, id) > (${stored('afterStored')}, toUUID({afterId:String}))`;

export function createNextStatements(
  clickHouse: ClickHouseClient,
  selectErased: (organisationIds: readonly string[], stored: Date) => Promise<ErasedPerson[]>,
): NextStatements {
  async function select(
    query: string,
    query_params: Record<string, unknown>,
    seconds?: number,
  ): Promise<string[][]> {
    const settings = seconds === undefined ? {} : { clickhouse_settings: { max_execution_time: seconds } };
    try {
      const answer = await clickHouse.query({ query, query_params, format: 'TabSeparatedRaw', ...settings });
      return (await answer.text())
        .split('\n')
        .slice(0, -1)
        .map((row) => row.split('\t'));
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  /** Where a look ends: what it costs must not depend on how seldom something is wanted. */
  async function endOfLook(parameters: Record<string, unknown>, through: string): Promise<StatementPlace> {
    const query = `SELECT toString(stored), toString(id) FROM statements WHERE ${behind} AND stored <= ${stored('through')}
      ORDER BY stored, id LIMIT 1 OFFSET ${String(lookedAtRows - 1)} ${bySortingKey}`;
    const [row] = await select(query, parameters);
    return row === undefined ? { stored: through, id: lastId } : placeOf(row);
  }

  /** An erasure that is under way has not reached all of them: nobody is sent who is to be erased. */
  async function withoutErased(organisationId: string, found: FoundStatement[]): Promise<FoundStatement[]> {
    const [first] = found;
    if (first === undefined) return found;
    const oldest = found.reduce((least, each) => (each.stored < least ? each.stored : least), first.stored);
    const people = await selectErased([organisationId], instantOfStored(oldest));
    return found.map((each) => people.reduce(without, each));
  }

  async function textsAt({ organisationId, filter }: Wanted, places: readonly StatementPlace[]) {
    if (places.length === 0) return [];
    const instants = places.map((place) => place.stored).sort();
    const query = `SELECT toString(stored), toString(id), statement FROM statements
      WHERE ${[ofOrganisation, `stored BETWEEN ${stored('from')} AND ${stored('to')}`, `(stored, id) IN (${placeRows(places)})`, ...contentsOf(filter)].join(' AND ')}
      ORDER BY stored, id`;
    const parameters = {
      organisation: organisationId,
      from: instants[0],
      to: instants.at(-1),
      ...parametersOf(filter),
    };
    const rows = await select(query, parameters);
    return withoutErased(
      organisationId,
      rows.map((row) => ({ ...placeOf(row), text: row[2] ?? '' })),
    );
  }

  return {
    async select(wanted, after, through) {
      if (through <= after.stored) return { statements: [], place: after };
      const { organisationId, filter } = wanted;
      const parameters = {
        organisation: organisationId,
        through,
        ...afterOf(after),
        ...parametersOf(filter),
      };
      const end = await endOfLook(parameters, through);
      const upToEnd = `(stored, id) <= (${stored('endStored')}, toUUID({endId:String}))`;
      const query = `SELECT toString(stored), toString(id), length(statement) FROM statements
        WHERE ${[behind, `stored <= ${stored('endStored')}`, upToEnd, ...contentsOf(filter)].join(' AND ')}
        ORDER BY stored, id LIMIT ${String(requestStatements)}`;
      const rows = await select(query, { ...parameters, endStored: end.stored, endId: end.id });
      const fitting = rows.slice(0, fittingOf(rows));
      const isAll = fitting.length === rows.length && rows.length < requestStatements;
      const places = fitting.map(placeOf);
      return { statements: await textsAt(wanted, places), place: (isAll ? undefined : places.at(-1)) ?? end };
    },

    selectAt: textsAt,

    async count({ organisationId, filter }, after) {
      const query = `SELECT count() FROM (SELECT 1 FROM statements
        WHERE ${[behind, ...contentsOf(filter)].join(' AND ')} LIMIT ${String(countedRows)}) ${bySortingKey}`;
      const parameters = { organisation: organisationId, ...afterOf(after), ...parametersOf(filter) };
      const counted = await select(query, parameters, countSeconds).catch(() => undefined);
      return counted && Number(counted[0]?.[0]);
    },
  };
}

const placeOf = ([at = '', id = '']: readonly string[]): StatementPlace => ({ stored: at, id });

const afterOf = ({ stored: afterStored, id: afterId }: StatementPlace) => ({ afterStored, afterId });

/** How many of these places make one request: one at least. */
function fittingOf(rows: readonly string[][]): number {
  let bytes = 0;
  const end = rows.findIndex(([, , length], index) => {
    bytes += Number(length);
    return index > 0 && bytes > requestBytes;
  });
  return end < 0 ? rows.length : end;
}

function without(found: FoundStatement, erased: ErasedPerson): FoundStatement {
  if (instantOfStored(found.stored) > erased.erasedUntil) return found;
  return { ...found, text: erasePerson(found.text, personOfNote(erased)) };
}

/**
 * What makes a statement one that is wanted, by what it says itself: of each list that is not empty one is the statement's
 * (Communication 2.1.3, but for what is reached by references).
 */
function contentsOf({
  verbs,
  activities,
  agents,
  registrations,
  relatedActivities,
  relatedAgents,
}: Filter): string[] {
  const agentIs = relatedAgents ? agentIsRelated : agentIsActorOrObject;
  const agentIsOneOf = agents.map((_agent, index) => agentIs(`{agent${String(index)}:String}`));
  return [
    ...(verbs.length === 0 ? [] : ['verb IN {verbs:Array(String)}']),
    ...(activities.length === 0
      ? []
      : [
          relatedActivities
            ? 'hasAny(related_activities, {activities:Array(String)})'
            : 'activity IN {activities:Array(String)}',
        ]),
    ...(agents.length === 0 ? [] : [`(${agentIsOneOf.map((one) => `(${one})`).join(' OR ')})`]),
    ...(registrations.length === 0 ? [] : ['registration IN {registrations:Array(UUID)}']),
  ];
}

function parametersOf({ verbs, activities, agents, registrations }: Filter): Record<string, unknown> {
  const byPlace = Object.fromEntries(agents.map((agent, index) => [`agent${String(index)}`, agent]));
  return { verbs, activities, registrations, ...byPlace };
}
