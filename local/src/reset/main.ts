import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { findHolder } from '@lyceum/engines';
import { commonEnvironment, parseEnvironment } from '@lyceum/service';
import { dataPaths } from '../data/paths.ts';

// `npm run reset [-- --yes]`: deletes the data of the embedded engines, after asking.
const { LYCEUM_DATA_DIR: directory } = parseEnvironment({
  LYCEUM_DATA_DIR: commonEnvironment.LYCEUM_DATA_DIR,
});
process.exitCode = await reset();

async function reset(): Promise<number> {
  const holder = await findHolder(directory);
  if (holder)
    return refuse(
      `Lyceum is running as process ${holder.pid} since ${holder.since}. Stop it first (Ctrl-C).`,
    );
  if (!existsSync(directory)) return say(`There is nothing to delete: ${directory} does not exist.`);
  if (!isOurs())
    return refuse(`${directory} holds no data of Lyceum; look at LYCEUM_DATA_DIR. Nothing was deleted.`);
  if (!process.argv.includes('--yes')) {
    if (!process.stdin.isTTY)
      return refuse('Not a terminal: say `npm run reset -- --yes` to delete without asking.');
    if (!(await confirmed())) return say('Nothing was deleted.');
  }
  await rm(directory, { recursive: true });
  return say(`Deleted ${directory}.`);
}

/** LYCEUM_DATA_DIR may name anything: only what a start of ours has marked, or an empty directory, is deleted. */
function isOurs(): boolean {
  return existsSync(dataPaths(directory).version) || readdirSync(directory).length === 0;
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `Delete ${directory}, with all accounts, courses and statements in it? [y/N] `,
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
