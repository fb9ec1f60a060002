import { expect } from '@jest/globals';
import type { System } from '@lyceum/testing';
import type { Senders } from './burst.ts';
import { postStatements, queryClickHouse } from './records.ts';

/** Tools that post statements. */
export interface Tools extends Senders {
  /** What was accepted is stored once and counted once, and so is what was stored without being answered. */
  expectEachStoredOnce(): Promise<void>;
}

/** What all their statements are about. */
export const toolActivity = 'https://example.org/tools';
const tools = 8;
const statementsOfRequest = 10;

/** Half of the tools name their statements, and send the same ones again until they are answered. */
export function createTools(system: System): Tools {
  const accepted = new Set<string>();

  function createTool(isNaming: boolean): () => Promise<boolean> {
    let statements = some(isNaming);
    return async () => {
      const response = await postStatements(system, statements);
      if (response.status !== 200) return false;
      for (const id of (await response.json()) as string[]) accepted.add(id);
      statements = some(isNaming);
      return true;
    };
  }

  return {
    accepted,
    requests: Array.from({ length: tools }, (_, index) => createTool(index % 2 === 0)),
    async expectEachStoredOnce() {
      const rows = await queryClickHouse<{ id: string }>(
        system,
        `SELECT id FROM statements WHERE activity = '${toolActivity}'`,
      );
      const stored = new Set(rows.map(({ id }) => id));
      const lost = [...accepted].filter((id) => !stored.has(id));
      const [rollUp] = await queryClickHouse<{ counted: number }>(
        system,
        `SELECT toUInt32(sum(statements)) AS counted FROM activity_minutes WHERE activity = '${toolActivity}'`,
      );
      expect({ lost: lost.length, twice: rows.length - stored.size, ...rollUp }).toEqual({
        lost: 0,
        twice: 0,
        counted: stored.size,
      });
    },
  };
}

function some(named: boolean): object[] {
  const statement = {
    actor: { account: { homePage: 'https://example.org', name: 'tool' } },
    verb: { id: 'https://example.org/used' },
    object: { id: toolActivity },
  };
  const length = statementsOfRequest;
  return Array.from({ length }, () => (named ? { id: crypto.randomUUID(), ...statement } : statement));
}
