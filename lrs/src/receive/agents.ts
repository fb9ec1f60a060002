import { agentKey, type Actor } from '@lyceum/xapi';
import type { DefinitionReader } from '../query/definition-reader.ts';
import type { ReadResource } from './activities.ts';
import { readActor } from './agent-parameter.ts';
import { readOnly, type ReadOnlyOptions } from './read-only.ts';
import { refusals } from './xapi-error.ts';

const identifiers = ['mbox', 'mbox_sha1sum', 'openid', 'account'] as const;

/**
 * The resource /xapi/agents (Communication 2.4): a Person with every name that the agent was given, and its identifier.
 * That two identifiers are one person is nothing that statements say.
 */
export function createAgentsResource(
  o: ReadOnlyOptions & {
    definitions: Pick<DefinitionReader, 'selectNames'>;
  },
): ReadResource {
  return {
    get: readOnly('agent', o, async (value, { credential }) => {
      const bad = (reason: string) => refusals.parameter('agent', reason);
      const agent = readActor(value, { bad, wanted: 'an Agent or a Group' });
      if (agent.objectType === 'Group') throw refusals.parameter('agent', 'must be an Agent, not a Group');
      const names = await o.definitions.selectNames(credential.organisationId, agentKey(agent) ?? '');
      return JSON.stringify(personOf(agent, names));
    }),
  };
}

/** Every property of a Person but objectType is a list (Communication 2.4.2). */
function personOf(agent: Actor, names: readonly string[]): Record<string, unknown> {
  const all = [...new Set([...names, ...(agent.name === undefined ? [] : [agent.name])])];
  return {
    objectType: 'Person',
    ...(all.length > 0 && { name: all }),
    ...Object.fromEntries(identifiers.flatMap((name) => (name in agent ? [[name, [agent[name]]]] : []))),
  };
}
