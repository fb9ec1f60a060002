import type { Acceptance } from './accept-statements.ts';
import type { RequireVoiding } from './voiding.ts';
import { refusals } from './xapi-error.ts';

/**
 * Acceptance of what may be accepted: voiding statements of those who may void, and nothing before the other receivers
 * know that something is under way. Hardly ever is there something to wait for, and then nothing is awaited.
 */
export function guardAcceptance(
  acceptance: Acceptance,
  o: { requireVoiding: RequireVoiding; announce: () => Promise<void> | undefined },
): Acceptance {
  const announced = () =>
    o.announce()?.catch(() => {
      throw refusals.unavailable('The database');
    });
  return {
    ...acceptance,
    /** @throws XapiError 403, 503 besides */
    accept(statements, request) {
      if (statements.length === 0) return acceptance.accept(statements, request);
      const voiding = o.requireVoiding(statements, request.credential);
      if (voiding === undefined) return afterAnnouncement();
      return voiding.then(afterAnnouncement);

      function afterAnnouncement(): Promise<string[]> {
        const told = announced();
        if (told === undefined) return acceptance.accept(statements, request);
        return told.then(() => acceptance.accept(statements, request));
      }
    },
  };
}
