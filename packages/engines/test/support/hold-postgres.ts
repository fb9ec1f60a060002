import pino from 'pino';
import { startPostgres } from '../../src/index.ts';

// Starts a PostgreSQL on the directory in argv and holds it until killed: the supervisor's part in the crash tests.
const [, , directory = ''] = process.argv;
try {
  const { url, pid } = await startPostgres({ directory, port: 0, logger: pino({ level: 'silent' }) });
  process.send?.({ url, pid });
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
