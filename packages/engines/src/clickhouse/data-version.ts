import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unusable } from '../data-directory.ts';
import { EngineError, systemErrorCode } from '../errors.ts';

/** What wrote a data directory. */
interface DataVersion {
  /** The layout of the directory around the engine's own files. */
  layout: number;
  clickhouse: string;
}

const LAYOUT = 1;
const FILE = 'version.json';

/**
 * Refuses data that a newer ClickHouse, or a newer layout, has written: ClickHouse reads older data, not newer.
 *
 * @throws EngineError `DATA_TOO_NEW`; nothing is touched
 */
export async function requireReadableData(directory: string, clickhouse: string): Promise<void> {
  const found = await readVersion(directory);
  if (found === undefined) return;
  if (found.layout <= LAYOUT && compareVersions(found.clickhouse, clickhouse) <= 0) return;
  throw new EngineError(
    'DATA_TOO_NEW',
    `The data in ${directory} was written by ClickHouse ${found.clickhouse} (layout ${found.layout}); this is ${clickhouse} ` +
      `(layout ${LAYOUT}), which can't read it safely. Nothing was touched. Use the newer version, or set LYCEUM_DATA_DIR.`,
  );
}

/** Records that this version now writes the data. */
export async function recordVersion(directory: string, clickhouse: string): Promise<void> {
  const file = path.join(directory, FILE);
  const version: DataVersion = { layout: LAYOUT, clickhouse };
  try {
    await writeFile(`${file}.new`, `${JSON.stringify(version)}\n`, { flush: true });
    await rename(`${file}.new`, file);
  } catch (error) {
    throw unusable(directory, error);
  }
}

async function readVersion(directory: string): Promise<DataVersion | undefined> {
  try {
    return JSON.parse(await readFile(path.join(directory, FILE), 'utf8')) as DataVersion;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new EngineError(
      'DATA_TOO_NEW',
      `${path.join(directory, FILE)} can't be read: what wrote the data is unknown.`,
      {
        cause: error,
      },
    );
  }
}

/** Negative, zero or positive, as `a` is older than, the same as or newer than `b`: 26.7.2.1 < 26.10.1.1. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 4; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
