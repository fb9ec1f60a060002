import { randomUUID } from 'node:crypto';
import { verbs } from '@lyceum/xapi';

/** A valid statement, with members replaced, or taken away by undefined. */
export function statement(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify({
      id: randomUUID(),
      actor: { objectType: 'Agent', account: { homePage: 'http://lyceum.example', name: 'user_ada' } },
      verb: { id: verbs.completed },
      object: { id: 'http://lyceum.example/xapi/activities/item_1' },
      ...changes,
    }),
  ) as Record<string, unknown>;
}

export function statements(count: number, changes: Record<string, unknown> = {}): Record<string, unknown>[] {
  return Array.from({ length: count }, () => statement(changes));
}
