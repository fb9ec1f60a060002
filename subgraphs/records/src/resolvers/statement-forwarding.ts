import { connection } from '@lyceum/graphql';
import { idPrefix } from '@lyceum/service';
import type { StatementForwardingResolvers } from '../generated/resolver-types.ts';

const versionNames = { '1.0.3': 'V1_0_3', '2.0.0': 'V2_0_0' } as const;

const number = (value: bigint | null) => (value === null ? null : Number(value));

/** Null for a program. */
const userOf = (id: string) => (idPrefix(id) === 'user' ? { id } : null);

export const StatementForwarding: StatementForwardingResolvers = {
  __resolveReference: ({ id }, { load }) => load.statementForwarding.load(id),

  version: ({ version }) => versionNames[version],

  filter: ({ filter }) => ({ ...filter, actors: filter.actors.map((id) => ({ id })) }),

  createdBy: ({ createdBy }) => userOf(createdBy),

  updatedBy: ({ updatedBy }) => userOf(updatedBy),

  sent: ({ sent }) => Number(sent),

  refused: ({ refused }) => Number(refused),

  pending: ({ pending }) => number(pending),

  refusals: (forwarding, args, { statementForwardings }) =>
    connection(args, statementForwardings.refusalsOf(forwarding)),
};
