import { createHmac, timingSafeEqual } from 'node:crypto';
import { isUuid } from '@lyceum/xapi';
import { z } from 'zod';
import { isoOfStored } from './stored.ts';
import { isComparable, largestLimit, type StatementFilter, type StatementPlace } from '@lyceum/xapi/query';

/** A page that a client asks for; the first has no statement before it. */
export interface FilteredPage {
  readonly filter: StatementFilter;
  readonly limit: number;
  readonly format: StatementFormat;
  readonly attachments: boolean;
  readonly after?: StatementPlace;
  /** Of the first page: see StatementPage. */
  readonly snapshot?: string;
}

export type StatementFormat = 'ids' | 'exact' | 'canonical';

/** What `more` carries: the query, the instant that it was asked at, and where the page ended. */
export interface MoreCursor extends FilteredPage {
  readonly after: StatementPlace;
  readonly snapshot: string;
}

/** Whose cursor it is: nobody who reads another store, or another part of it, goes on with it. */
export interface CursorOwner {
  readonly organisationId: string;
  /** As in StatementFilter. */
  readonly authority?: string | undefined;
}

/**
 * Cursors that nobody but an LRS with the same secret makes (docs/decisions/0023-reading.md). Nothing of them is kept
 * here: any receiver goes on with the cursor of another.
 */
export interface MoreCursors {
  encode(cursor: MoreCursor, owner: CursorOwner): string;
  /** What {@link encode} made for the same owner; else why it opens nothing. */
  decode(encoded: string, owner: CursorOwner): MoreCursor | 'FOREIGN' | 'EXPIRED';
}

/** How long a cursor leads on, from its page on. */
const validMs = 24 * 60 * 60_000;

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
  until: z.int(),
  filter,
  after: z.object({ stored, id: uuid }),
  limit: z.int().min(1).max(largestLimit),
  format: z.enum(['ids', 'exact', 'canonical']),
  attachments: flag,
  snapshot: stored,
});

/** As {@link StatementPlace} has it: an instant that exists, no 24:00. */
function isStored(value: string): boolean {
  return isComparable(isoOfStored(value)) && !value.includes(' 24');
}

export function createMoreCursors(o: { secret: Uint8Array; now?: () => number }): MoreCursors {
  const { secret, now = Date.now } = o;

  /** The owner is signed and not written down. */
  function signatureOf(payload: string, { organisationId, authority }: CursorOwner): string {
    const signed = JSON.stringify([payload, organisationId, authority ?? null]);
    return createHmac('sha256', secret).update(signed).digest('base64url');
  }

  return {
    encode({ filter: { authority: _, ...asked }, ...cursor }, owner) {
      const payload = { until: now() + validMs, ...cursor, filter: asked };
      const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url');
      return `${encoded}.${signatureOf(encoded, owner)}`;
    },
    decode(encoded, owner) {
      const dot = encoded.lastIndexOf('.');
      const payload = encoded.slice(0, Math.max(dot, 0));
      if (!isSame(encoded.slice(dot + 1), signatureOf(payload, owner))) return 'FOREIGN';
      const { until, ...cursor } = shape.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
      return until < now() ? 'EXPIRED' : (cursor as MoreCursor);
    },
  };
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
