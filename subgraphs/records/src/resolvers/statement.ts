import { idPrefix } from '@lyceum/service';
import type { StatementResolvers } from '../generated/resolver-types.ts';

export const Statement: StatementResolvers = {
  __resolveReference: ({ id }, { load }) => load.statement.load(id),

  stored: ({ stored }) => new Date(stored),

  timestamp: ({ timestamp }) => new Date(timestamp),

  actor: ({ actor }, _args, { names }) => {
    const id = names.userOf(actor);
    return id === null ? null : { id };
  },

  activity: ({ activity }) => (activity === '' ? null : activity),

  contentItem: ({ activity }, _args, { names }) => {
    const id = names.idOf(activity);
    return id !== null && idPrefix(id) === 'item' ? { id } : null;
  },

  json: ({ text }) => text,
};
