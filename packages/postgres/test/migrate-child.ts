// Migrates the database of the first argument by the folder of the second: a process for tests to kill.
import { migrate } from '../src/index.ts';

const [url, directory] = process.argv.slice(2);
await migrate(url ?? '', directory ?? '');
