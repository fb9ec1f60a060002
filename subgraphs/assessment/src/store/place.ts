import type { Page } from '@lyceum/graphql';
import type { Prisma } from './generated/client.ts';

/** Ids are TypeIDs of one prefix, so that their order is that of their making. */
export function placeOf({ after, before }: Page): Prisma.StringFilter {
  return { ...(after ? { gt: String(after[0]) } : {}), ...(before ? { lt: String(before[0]) } : {}) };
}

/** The order of a page by id, and how many rows it takes. */
export function orderOf({ backward, limit }: Page) {
  return { orderBy: { id: backward ? 'desc' : 'asc' }, take: limit } as const;
}
