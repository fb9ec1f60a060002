import type { Organisation } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Organisation };

export function organisationStore(db: Connection) {
  return {
    selectMany: (ids: readonly string[]) => db.organisation.findMany({ where: { id: { in: [...ids] } } }),

    selectOptionalBySlug: (slug: string) => db.organisation.findUnique({ where: { slug } }),

    insert: (organisation: { id: string; slug: string; name: string }) =>
      db.organisation.create({ data: organisation }),
  };
}
