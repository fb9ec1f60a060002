import { z } from 'zod';
import type { StatementFilter, StatementPlace } from './statement-filter.ts';

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

const text = z.string().max(4_000);

const shape = z.object({
  filter: z
    .object({
      agent: text,
      relatedAgents: z.boolean(),
      verb: text,
      activity: text,
      relatedActivities: z.boolean(),
      registration: z.uuid(),
      since: z.iso.datetime({ offset: true, local: true }),
      until: z.iso.datetime({ offset: true, local: true }),
    })
    .partial()
    .extend({ ascending: z.boolean() }),
  after: z.object({
    stored: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/),
    id: z.uuid(),
  }),
  limit: z.int().min(1).max(500),
});

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
