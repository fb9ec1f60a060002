import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndLater } from '../ending/ending.ts';
import { startStore, type Store } from './store.ts';

/** A store on a new directory, which goes with it. */
export async function runningStore(endLater: EndLater): Promise<Store & { readonly directory: string }> {
  // Not mkdtemp: started as root, PostgreSQL runs as another user, who may not enter what that makes.
  const directory = join(tmpdir(), `lyceum-bench-${randomUUID()}`);
  mkdirSync(directory);
  endLater(() => rm(directory, { recursive: true, force: true }));
  return { ...(await startStore(join(directory, 'store'), endLater)), directory };
}
