import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import startRun from './start-run.mjs';

/** jest's globalSetup where a workspace asks for it: one PostgreSQL for all tests of the run; each test file has databases of its own on it. */
export default async function startPostgres() {
  startRun();
  const host = fileURLToPath(new URL('postgres-host.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', host], { stdio: ['pipe', 'pipe', 'inherit'] });
  globalThis.lyceumTestPostgres = child;
  process.env.LYCEUM_TEST_DATABASE_URL = await firstLine(child);
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) =>
      reject(new Error(`The PostgreSQL of the tests ended with exit code ${code}.`)),
    );
  });
}
