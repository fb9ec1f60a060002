import { isLogin, type Viewer } from '@lyceum/service';

type Asker = Pick<Viewer, 'organisationId' | 'sessionId' | 'issuedAt'>;

/**
 * The organisations that were suspended lately: one entry each, however many sessions it ended. What an entry refuses,
 * verifies until the last access token from before has expired; identity gives none since.
 */
export interface ClosedOrganisations {
  /** Is who asks with such a token to be refused? */
  refuses(asker: Asker): boolean;
  /**
   * Calls `closed` when their organisation is suspended: at once, where it is already.
   *
   * @returns how to stop watching
   */
  onClose(asker: Asker, closed: () => void): () => void;
}

/** What learns of them. */
export interface ClosedOrganisationsList extends ClosedOrganisations {
  /** @param until from when no access token of it from before can be valid */
  suspend(organisationId: string, until: Date): void;
  /**
   * Programs go on; people log in anew.
   *
   * @param sessionsFrom sessions that began before have ended
   * @param until from when no access token of one of those can be valid
   */
  reinstate(organisationId: string, sessionsFrom: Date, until: Date): void;
}

interface Entry {
  readonly until: number;
  /** Undefined while it is suspended. */
  readonly sessionsFrom: Date | undefined;
}

const sweepEveryMs = 60_000;

export function createClosedOrganisations(now: () => number = Date.now): ClosedOrganisationsList {
  const entries = new Map<string, Entry>();
  const watchers = new Map<string, Set<() => void>>();
  let sweptAt = now();

  /** Now and then, when one is added: the list grows only by that. */
  function sweep(): void {
    if (now() - sweptAt < sweepEveryMs) return;
    sweptAt = now();
    for (const [id, { until }] of entries) if (until <= sweptAt) entries.delete(id);
  }

  function add(organisationId: string, entry: Entry): void {
    sweep();
    if (entry.until > now()) entries.set(organisationId, entry);
    else entries.delete(organisationId);
  }

  const refuses = (asker: Asker) => {
    const entry = entries.get(asker.organisationId);
    if (entry === undefined) return false;
    return (
      entry.sessionsFrom === undefined || (isLogin(asker) && isBefore(asker.issuedAt, entry.sessionsFrom))
    );
  };

  return {
    refuses,
    onClose(asker, closed) {
      // One function may be given for several.
      const once = () => {
        closed();
      };
      if (refuses(asker)) {
        once();
        return () => undefined;
      }
      const { organisationId } = asker;
      const watching = watchers.get(organisationId) ?? new Set();
      watchers.set(organisationId, watching.add(once));
      return () => {
        watching.delete(once);
        if (watching.size === 0 && watchers.get(organisationId) === watching) watchers.delete(organisationId);
      };
    },
    suspend(organisationId, until) {
      add(organisationId, { until: until.getTime(), sessionsFrom: undefined });
      if (!entries.has(organisationId)) return;
      const watching = watchers.get(organisationId) ?? [];
      watchers.delete(organisationId);
      for (const closed of watching) closed();
    },
    reinstate(organisationId, sessionsFrom, until) {
      add(organisationId, { until: until.getTime(), sessionsFrom });
    },
  };
}

/** Tokens know seconds (RFC 7519, 4.1.6). One that does not say when it was given may have been given before. */
function isBefore(issuedAt: Date | undefined, instant: Date): boolean {
  return issuedAt === undefined || issuedAt.getTime() < Math.floor(instant.getTime() / 1_000) * 1_000;
}
