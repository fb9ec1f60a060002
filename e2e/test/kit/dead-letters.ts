import { join } from 'node:path';
import { createEventLog } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually, type System } from '@lyceum/testing';
import type { Person } from './people.ts';

/** A record of the organisation's statements that a consumer has put aside: no tool can make one. */
export async function deadLetterOf(system: System, { ask }: Person, organisationId: string): Promise<string> {
  const log = await createEventLog({
    directory: join(system.directory, 'log'),
    clientId: 'e2e',
    logger: createLogger({ service: 'e2e', level: 'silent' }),
  });
  const headers = {
    organisation: organisationId,
    'dead-letter-topic': 'statements',
    'dead-letter-group': 'nobody',
    'dead-letter-reason': 'for a test',
  };
  await log.append([{ topic: 'statements.dead-letter', key: organisationId, value: 'unreadable', headers }]);
  await log.close();
  return eventually(async () => {
    const { deadLetters } = await ask<{ deadLetters: { nodes: { id: string }[] } }>(
      '{ deadLetters { nodes { id } } }',
    );
    return deadLetters.nodes[0]!.id;
  });
}
