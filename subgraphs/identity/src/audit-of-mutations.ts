import type { AroundMutation, MutationCall } from '@lyceum/graphql';
import { DomainError, type Logger, type Viewer } from '@lyceum/service';
import { auditedMutations, type AuditedMutation } from './audited-mutations.ts';
import type { Context } from './context.ts';
import { actorOf, type AuditEntry } from './domain/audit.ts';
import type { ThrottledRefusals } from './domain/throttled-refusals.ts';
import { watchingActs } from './domain/watched-acts.ts';

const byName: Readonly<Record<string, AuditedMutation>> = auditedMutations;

/**
 * Holds every mutation to the audit log (OWASP ASVS 4.0.3, 7.2.2): what is FORBIDDEN has a row, by whichever rule it was
 * refused; what succeeds must have left the row that audited-mutations.ts names. Where it did not, the mutation was
 * written without it: that fails, but in production, where what was done stays done and the log is told.
 */
export function createAuditOfMutations(options: {
  refusals: ThrottledRefusals;
  logger: Logger;
  production: boolean;
}): AroundMutation<Context> {
  const { refusals, logger, production } = options;
  return async (call, run) => {
    try {
      const { result, acts } = await watchingActs(run);
      if (isMissing(call.name, result, acts)) {
        const error = new Error(`${call.name} succeeded without its row in the audit log.`);
        if (!production) throw error;
        logger.error({ err: error }, 'an act is missing in the audit log');
      }
      return result;
    } catch (error) {
      const { viewer } = call.context;
      if (viewer && error instanceof DomainError && error.code === 'FORBIDDEN')
        await refusals.record(refusalOf(call, viewer, error));
      throw error;
    }
  };
}

/** The act that a mutation does, or would have done. */
const actOf = (name: string): AuditEntry['act'] => {
  const told = byName[name];
  return (typeof told === 'object' ? told.act : (told ?? `mutation.${name}`)) as AuditEntry['act'];
};

function isMissing(name: string, result: unknown, acts: readonly string[]): boolean {
  const { userErrors } = result as { userErrors?: readonly unknown[] };
  const wanted = byName[name];
  if (userErrors === undefined || userErrors.length > 0) return false;
  return typeof wanted === 'string' && !acts.includes(wanted);
}

function refusalOf(
  { name, input }: MutationCall<Context>,
  viewer: Viewer,
  { details }: DomainError,
): AuditEntry & { refused: string } {
  const { organisationId } = viewer;
  const { missing } = details;
  const changes = missing === undefined ? {} : { lacking: [null, missing] as const };
  const subjectId = subjectIn(input);
  return { act: actOf(name), by: actorOf(viewer), organisationId, subjectId, changes, refused: 'FORBIDDEN' };
}

const longestId = 100;

/** What it would have been done to, as far as the input names it: whoever is refused may have written anything there. */
function subjectIn(input: Readonly<Record<string, unknown>>): string | null {
  const ids = [input['userId'], input['id'], input['grantId'], input['providerId']];
  const id = ids.find((each): each is string => typeof each === 'string');
  return id?.slice(0, longestId) ?? null;
}
