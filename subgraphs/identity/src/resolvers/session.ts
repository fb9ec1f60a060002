import Bowser from 'bowser';
import type { SessionResolvers } from '../generated/resolver-types.ts';

export const Session: SessionResolvers = {
  device: ({ userAgent }) => deviceOf(userAgent),

  current: ({ id }, _args, { viewer }) => id === viewer?.sessionId,

  expiresAt: async (session, _args, { sessions, load }) =>
    sessions.expiryOf(session, await load.settings.load(session.organisationId)),
};

/** As people know it: "Firefox on Linux"; null where the client does not say, or is none that is known. */
function deviceOf(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const known = [browser.name, os.name].filter((name) => name !== undefined && name !== '');
  return known.length === 0 ? null : known.join(' on ');
}
