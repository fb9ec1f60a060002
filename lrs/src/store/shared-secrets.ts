import { randomBytes } from 'node:crypto';
import type { Connection } from './store.ts';

export function sharedSecretStore(db: Connection) {
  return {
    /** A secret of 32 bytes that every process of the LRS gets by this name: the first to ask makes it. */
    selectOrInsert: async (name: string): Promise<Uint8Array> => {
      const value = new Uint8Array(randomBytes(32));
      await db.sharedSecret.createMany({ data: [{ name, value }], skipDuplicates: true });
      return (await db.sharedSecret.findUniqueOrThrow({ where: { name } })).value;
    },
  };
}
