import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventDataSource, eventSchemasSource } from './contract-source.ts';
import { readContracts } from './read-contracts.ts';

const directory = join(import.meta.dirname, '../src/contracts/generated');
const contracts = readContracts();
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'event-data.ts'), eventDataSource(contracts));
writeFileSync(join(directory, 'event-schemas.ts'), eventSchemasSource(contracts));
