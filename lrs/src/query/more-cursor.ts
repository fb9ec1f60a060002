import { isUuid } from '@lyceum/xapi';
import { z } from 'zod';
import { isComparable, largestLimit, type StatementFilter, type StatementPlace } from './statement-filter.ts';

/**
 * What `more` carries: the filter, and where the page ended. It holds no secret and opens nothing: the
 * organisation and the scope come from the credential of each request.
 */
export interface MoreCursor extends FilteredPage {
  readonly after: StatementPlace;
}

/** A page that a client asks for; the first has no statement before it. */
export interface FilteredPage {
  readonly filter: StatementFilter;
  readonly limit: number;
  readonly after?: StatementPlace;
}

const text = z.string();
const flag = z.boolean();

/** As the parameters of a query are held against, so that what they accept is accepted here again. */
const uuid = text.refine(isUuid);
const timestamp = text.refine(isComparable);
const stored = text.regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:[0-5]\d\.\d{6}$/).refine(isStored);

const filter = z.object({
  agent: text.optional(),
  relatedAgents: flag.optional(),
  verb: text.optional(),
  activity: text.optional(),
  relatedActivities: flag.optional(),
  registration: uuid.optional(),
  since: timestamp.optional(),
  until: timestamp.optional(),
  ascending: flag,
});

const shape = z.object({
  filter,
  after: z.object({ stored, id: uuid }),
  limit: z.int().min(1).max(largestLimit),
});

/** As {@link StatementPlace} has it: an instant that exists, no 24:00. */
function isStored(value: string): boolean {
  return isComparable(`${value.replace(' ', 'T')}Z`) && !value.includes(' 24');
}

export function encodeMore(cursor: MoreCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Null for what {@link encodeMore} did not make. */
export function decodeMore(encoded: string): MoreCursor | null {
  try {
    const parsed = shape.safeParse(JSON.parse(Buffer.from(encoded, 'base64url').toString()));
    return parsed.success ? (parsed.data as MoreCursor) : null;
  } catch {
    return null;
  }
}
