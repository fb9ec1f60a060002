import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contracts, Schema } from './contract-source.ts';

export const contractsDirectory = join(import.meta.dirname, '../../../schema/events');

/** The contracts as they lie in the work tree, by file name, sorted. */
export function readContracts(): Contracts {
  const files = readdirSync(contractsDirectory).filter((file) => file.endsWith('.json'));
  return new Map(
    files
      .sort()
      .map((file) => [file, JSON.parse(readFileSync(join(contractsDirectory, file), 'utf8')) as Schema]),
  );
}
