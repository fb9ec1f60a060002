import type { ConnectionSource } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import { agentKey, isUuid, verbs, type Statement } from '@lyceum/xapi';
import type { StatementRow } from '../store/statement-row.ts';
import type { Store } from '../store/store.ts';
import type { Names } from './names.ts';
import {
  cursorKey,
  queryOf,
  readableBy,
  statementPage,
  type StatementFilter,
  type StatementOrder,
} from './statement-list.ts';
import { withinLimits } from './within-limits.ts';

export type Statements = ReturnType<typeof createStatements>;

/** The learning records of an organisation, for those who may read them. */
export function createStatements({ store, names }: { store: Store; names: Names }) {
  return {
    /** Those of `ids` that the viewer may see. */
    readable: (viewer: Viewer, ids: readonly string[]): Promise<StatementRow[]> =>
      withinLimits(() => store.statements.selectMany(readableBy(names, viewer), ids.filter(isUuid))),

    /** The statements that the viewer finds, as the source of a connection. @throws INVALID, FORBIDDEN */
    listed(viewer: Viewer, filter: StatementFilter, order: StatementOrder): ConnectionSource<StatementRow> {
      const query = queryOf(names, viewer, filter);
      const whole = { ...query, filter: { ...query.filter, ascending: true } };
      return {
        rows: async (page) =>
          withinLimits(() => store.statements.selectPage(statementPage(query, order, page))),
        key: cursorKey,
        count: () => withinLimits(() => store.statements.count(whole)),
      };
    },

    /** The ids of the statements that void some of these, by the ids of what is voided (Data 2.3.2). */
    async voided(viewer: Viewer, rows: readonly StatementRow[]): Promise<Map<string, string>> {
      const voidable = rows.filter(({ statement }) => statement.verb.id !== verbs.voided);
      const authorities = new Map(voidable.map(({ id, statement }) => [id, authorityOf(statement)]));
      if (authorities.size === 0) return new Map();
      const { organisationId } = viewer;
      const found = await withinLimits(() => store.voids.selectMany(organisationId, [...authorities.keys()]));
      const voiding = found.filter((each) => each.any || each.authority === authorities.get(each.target));
      return new Map(voiding.reverse().map((each) => [each.target, each.id]));
    },
  };
}

function authorityOf({ authority }: Statement): string {
  return (authority && agentKey(authority)) ?? '';
}
