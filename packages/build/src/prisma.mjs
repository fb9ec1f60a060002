import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Writes the Prisma client of prisma/schema.prisma into its `output`.
 *
 * The CLI insists on a schema engine binary, which it would download; generating needs none, and migrations go
 * through the WebAssembly engine (packages/postgres). Naming an executable that does nothing keeps it offline.
 */
export async function generatePrismaClient() {
  const prisma = fileURLToPath(import.meta.resolve('prisma/build/index.js'));
  await run(process.execPath, [prisma, 'generate', '--schema', 'prisma/schema.prisma'], {
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
}
