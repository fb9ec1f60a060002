import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Where the running system answers, as variables of its clients: it may have been started on other ports than the
 * usual ones.
 *
 * @returns {{ PUBLIC_URL?: string, LRS_URL?: string }} empty where nothing of ours runs on this data directory
 */
export function addressesOfRunning() {
  const file = join(resolve(root, process.env.LYCEUM_DATA_DIR || '.lyceum'), 'run.json');
  try {
    const { publicUrl, services } = JSON.parse(readFileSync(file, 'utf8'));
    return { PUBLIC_URL: publicUrl, LRS_URL: services.find(({ name }) => name === 'lrs-receive').url };
  } catch {
    return {};
  }
}
