import { isOfActivity } from '@lyceum/xapi/query';
import { pageOn, readersOf, someNamed, standsIn, type NamedPage, type Readers } from './named-page.ts';
import type { Select } from './select.ts';

/** Which activities that somebody has defined. */
export interface ActivityScope extends Readers {
  readonly search: string | undefined;
  readonly type: string | undefined;
}

const said = 'JSONExtractString(value)';

/** Activities by their IRIs (lrs/clickhouse/migrations/0012_definitions.sql). */
export function activityStore(select: Select) {
  return {
    async selectPage(scope: ActivityScope, page: NamedPage): Promise<string[]> {
      const { conditions, order, parameters } = pageOn('activity', page);
      const rows = await select<{ activity: string }>(
        `SELECT DISTINCT activity FROM activity_definitions FINAL
         WHERE ${[...conditionsOf(scope), ...conditions].join(' AND ')} ${order}`,
        { ...parametersOf(scope), ...parameters },
      );
      return rows.map(({ activity }) => activity);
    },

    async count(scope: ActivityScope): Promise<number> {
      const [row] = await select<{ found: number }>(
        `SELECT toFloat64(uniqExact(activity)) AS found FROM activity_definitions FINAL
         WHERE ${conditionsOf(scope).join(' AND ')}`,
        parametersOf(scope),
      );
      return row?.found ?? 0;
    },

    /** Whether some statement that may be read names it. */
    async isNamed(readers: Readers, activity: string): Promise<boolean> {
      const rows = await select(
        someNamed(readers, {
          key: isOfActivity('{activity:String}'),
          statement: 'has(related_activities, {activity:String})',
        }),
        { ...readersOf(readers), activity },
      );
      return rows.length > 0;
    },
  };
}

function conditionsOf(scope: ActivityScope): string[] {
  const { search, type } = scope;
  return [
    'organisation = {organisation:String}',
    ...(search === undefined
      ? []
      : [`startsWith(part, 'name/') AND positionCaseInsensitiveUTF8(${said}, {search:String}) > 0`]),
    ...(type === undefined
      ? []
      : [
          `activity IN (SELECT activity FROM activity_definitions FINAL
            WHERE organisation = {organisation:String} AND part = 'type' AND ${said} = {type:String})`,
        ]),
    ...standsIn(scope, 'activity', 'arrayJoin(related_activities)'),
  ];
}

function parametersOf(scope: ActivityScope) {
  const { search, type } = scope;
  return { ...readersOf(scope), search, type };
}
