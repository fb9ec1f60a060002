import { StartFault } from '../start-fault.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/** The form of the data directory; raised by a change that an older Lyceum could not read. */
export const dataVersion = 1;

/**
 * Refuses data that a newer version wrote. Reads one file and writes nothing.
 *
 * @throws StartFault
 */
export function refuseNewerData(file: string, directory: string): void {
  const found = readJsonFile(file) as { dataVersion?: unknown } | undefined;
  if (found === undefined) return;
  if (typeof found.dataVersion === 'number' && found.dataVersion <= dataVersion) return;
  throw new StartFault(
    `The data in ${directory} was written by a newer version of Lyceum (its form is ${String(found.dataVersion)}, ` +
      `this one knows up to ${dataVersion}). Nothing was touched.\n` +
      'Start that version, or set LYCEUM_DATA_DIR to another directory.',
  );
}

/** Notes which form the data has, before the first engine writes any. */
export function stampVersion(file: string): void {
  if (readJsonFile(file) === undefined) writeJsonFile(file, { dataVersion });
}
