import { dueCondition, type DueRule } from '@lyceum/xapi/query';
import type { Select } from './select.ts';

/** Statements that a retention would drop. */
export interface DueStatements {
  readonly statements: number;
  /** When the first and the last of them were stored, as ClickHouse writes it; '' where there are none. */
  readonly oldest: string;
  readonly newest: string;
}

export function dueStatementStore(select: Select) {
  return {
    /** By the very condition that the LRS drops by. */
    selectDue: async (organisationId: string, rules: readonly DueRule[]): Promise<DueStatements> => {
      const { condition, parameters } = dueCondition(rules);
      const [row] = await select<DueStatements>(
        `SELECT toFloat64(count()) AS statements, if(statements = 0, '', toString(min(stored))) AS oldest,
           if(statements = 0, '', toString(max(stored))) AS newest
         FROM statements WHERE organisation = {organisation:String} AND (${condition})`,
        { organisation: organisationId, ...parameters },
      );
      return row ?? { statements: 0, oldest: '', newest: '' };
    },
  };
}
