// A run of the tests as jest sets it up, with children that nobody ends: it says who they are, then waits to be ended.
import { spawn } from 'node:child_process';
import startPostgres from '../../src/jest/start-postgres.mjs';
import startRun from '../../src/jest/start-run.mjs';

if (process.argv.includes('postgres')) await startPostgres();
else startRun();

// It ends for nobody who asks kindly, and has a session of its own.
const stubborn =
  "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); process.send('ready')";
const child = spawn(process.execPath, ['-e', stubborn], {
  detached: true,
  stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
});
await new Promise((resolve) => child.once('message', resolve));
child.unref();
process.send({
  directory: process.env.LYCEUM_TEST_DIRECTORY,
  child: child.pid,
  host: globalThis.lyceumTestPostgres?.pid,
});
process.once('message', () => process.exit(0));
