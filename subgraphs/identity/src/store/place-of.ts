import type { Page } from '@lyceum/graphql';
import type { Prisma } from './generated/client.ts';

/** The bounds of a page by id. Ids are TypeIDs of one prefix, so that their order is that of their making. */
export function placeOf({ after, before }: Page): Prisma.StringFilter {
  return { ...(after ? { gt: String(after[0]) } : {}), ...(before ? { lt: String(before[0]) } : {}) };
}
