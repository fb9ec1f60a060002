import { deviceOf } from '../domain/device-of.ts';
import type { SessionResolvers } from '../generated/resolver-types.ts';

export const Session: SessionResolvers = {
  device: ({ userAgent }) => deviceOf(userAgent),

  current: ({ id }, _args, { viewer }) => id === viewer?.sessionId,

  expiresAt: async (session, _args, { sessions, load }) =>
    sessions.expiryOf(session, await load.settings.load(session.organisationId)),
};
