import { connection, found, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  statement: (_parent, { id }, { load }) => found(load.statement, 'statement', id),

  statements: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.statements.listed(requireViewer(context), filter ?? {}, orderBy)),

  activity: async (_parent, { id }, context) => {
    const activity = await context.knownThings.activity(requireViewer(context), id);
    if (!activity) throw notFound('activity', id);
    return activity;
  },

  activities: (_parent, { filter, ...args }, context) =>
    connection(args, context.knownThings.activities(requireViewer(context), filter ?? {})),

  agent: async (_parent, { identifier }, context) => {
    const agent = await context.knownThings.agent(requireViewer(context), identifier);
    if (!agent) throw notFound('agent', JSON.stringify(identifier));
    return agent;
  },

  agents: (_parent, { filter, ...args }, context) =>
    connection(args, context.knownThings.agents(requireViewer(context), filter ?? {})),

  verbs: (_parent, { filter, ...args }, context) =>
    connection(args, context.knownThings.verbs(requireViewer(context), filter ?? {})),

  statementCounts: (_parent, { filter, since, until }, context) =>
    context.statementCounts.of(requireViewer(context), filter ?? {}, since, until ?? new Date()),

  deadLetter: (_parent, { id }, context) => context.deadLetters.one(requireViewer(context), id),

  deadLetters: (_parent, { filter, ...args }, context) =>
    connection(args, context.deadLetters.listed(requireViewer(context), filter ?? {})),

  recordStoreHealth: (_parent, _args, context) => context.storeHealths.of(requireViewer(context)),

  recordStoreVolumes: (_parent, _args, context) => context.storeHealths.volumes(requireViewer(context)),

  storeJob: (_parent, { id }, { load }) => found(load.storeJob, 'job on the store', id),

  storeJobs: (_parent, { kind, ...args }, context) =>
    connection(args, context.storeJobs.listed(requireViewer(context), kind ?? undefined)),

  storeRetention: async (_parent, _args, context) =>
    (await context.storeRetentions.get(requireViewer(context))) ?? null,

  storeRetentionPreview: (_parent, { rules }, context) =>
    context.storeRetentions.preview(requireViewer(context), rules),

  statementForwarding: (_parent, { id }, { load }) => found(load.statementForwarding, 'forwarding', id),

  statementForwardings: (_parent, args, context) =>
    connection(args, context.statementForwardings.listed(requireViewer(context))),
};
