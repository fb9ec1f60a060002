import { agentKey } from '@lyceum/xapi';
import type { AgentResolvers } from '../generated/resolver-types.ts';

export const Agent: AgentResolvers = {
  type: ({ objectType }) => (objectType === 'Group' ? 'GROUP' : 'AGENT'),

  name: async (agent, _args, { load }) => agent.name ?? (await load.namesOfAgent(agentKey(agent)))[0] ?? null,

  names: async (agent, _args, { load }) => {
    const known = await load.namesOfAgent(agentKey(agent));
    return [...new Set([...known, ...(agent.name === undefined ? [] : [agent.name])])];
  },

  mboxSha1sum: ({ mbox_sha1sum: sum }) => sum ?? null,

  user: (agent, _args, { names }) => {
    const id = names.userOf(agent);
    return id === null ? null : { id };
  },

  members: (agent) => (agent.objectType === 'Group' ? (agent.member ?? []) : []),
};
