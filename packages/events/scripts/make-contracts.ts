import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { eventDataSource, eventSchemasSource } from './contract-source.ts';
import { readContracts } from './read-contracts.ts';

const directory = join(import.meta.dirname, '../src/contracts');
const contracts = readContracts();
const sources = {
  'event-data.ts': eventDataSource(contracts),
  'event-schemas.ts': eventSchemasSource(contracts),
};
for (const [file, source] of Object.entries(sources)) {
  const path = join(directory, file);
  writeFileSync(path, await format(source, { ...(await resolveConfig(path)), parser: 'typescript' }));
}
