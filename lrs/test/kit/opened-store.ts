import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { createStore, type Database } from '../../src/store/store.ts';
import { prepareGround } from './lrs.ts';

/** The LRS's own database, migrated, with none of its processes. */
export async function openedStore(
  poolSize: number,
): Promise<{ store: Database; close: () => Promise<void> }> {
  const ground = await prepareGround();
  const { DATABASE_URL: serverUrl = '' } = ground.env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize });
  return {
    store: createStore(new PrismaClient({ adapter: database.adapter })),
    async close() {
      await database.close();
      await ground.close();
    },
  };
}
