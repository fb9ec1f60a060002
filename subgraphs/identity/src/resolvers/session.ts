import { deviceOf } from '../domain/device-of.ts';
import type { SessionResolvers } from '../generated/resolver-types.ts';

export const Session: SessionResolvers = {
  device: ({ userAgent }) => deviceOf(userAgent),

  current: ({ id }, _args, { viewer }) => id === viewer?.sessionId,

  expiresAt: (session, _args, { sessions }) => sessions.expiryOf(session),
};
