import type { Connection } from './store.ts';

/** Whose access token it is, as far as it may have ended. */
export interface TokenBearer {
  readonly sessionId: string;
  readonly organisationId: string;
  /** Of a person who logged in: when the token was given, to the second. Undefined for programs, which go on. */
  readonly loggedInAt: Date | undefined;
}

export function endedSessionStore(db: Connection) {
  return {
    /** @param until from when none of its access tokens can be valid: it is remembered until then */
    insert: async (id: string, until: Date): Promise<void> => {
      await db.$executeRaw`DELETE FROM ended_session WHERE "until" < now()`;
      await db.$executeRaw`
        INSERT INTO ended_session (id, "until") VALUES (${id}, ${until}) ON CONFLICT (id) DO NOTHING`;
    },

    /** Whether a token is refused though it verifies: its session ended, or its organisation was suspended since. */
    selectIsEnded: async ({ sessionId, organisationId, loggedInAt }: TokenBearer): Promise<boolean> => {
      const [row] = await db.$queryRaw<{ ended: boolean }[]>`
        SELECT EXISTS (SELECT FROM ended_session WHERE id = ${sessionId})
          OR EXISTS (SELECT FROM organisation WHERE id = ${organisationId}
            AND (suspended OR date_trunc('second', sessions_from) > ${loggedInAt ?? null}::timestamptz)) AS ended`;
      return row?.ended ?? false;
    },
  };
}
