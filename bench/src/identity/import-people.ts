import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLClient } from '@lyceum/testing';
import { endingAll } from '../ending/ending.ts';
import { ownMemory, peakMemory } from './process-use.ts';
import type { Options } from './options.ts';
import type { Finding } from './part.ts';
import { runIdentity, type RunningIdentity } from './running-identity.ts';
import { timed } from './times.ts';

const columns = ['external_id', 'email', 'name', 'given_name', 'family_name', 'roles', 'groups', 'locale'];

/** A file of new people, from its first byte until the last is there; beside it PostgreSQL's own COPY of the file. */
export function measureImport({ rows }: Options): Promise<Finding[]> {
  return endingAll(async (endLater) => {
    const identity = await runIdentity(endLater);
    const file = fileOf(rows, 'pupil');
    const copy = await timed(await bareCopy(identity, file));
    const idle = ownMemory(identity.pid);
    const tenth = Math.ceil(rows / 10);
    const memoryOfTenth = await peakMemory(identity.pid, () =>
      importFile(identity, fileOf(tenth, 'first'), tenth),
    );
    let taken = NaN;
    const memory = await peakMemory(identity.pid, async () => {
      taken = await timed(() => importFile(identity, file, rows));
    });
    return [
      {
        name: 'import.rowsPerSecond',
        what: `import of ${rows} people, rows a second`,
        measured: (rows * 1_000) / taken,
        bare: (rows * 1_000) / copy,
        moreIsBetter: true,
      },
      {
        name: 'import.tenth.memory.MB',
        what: `memory above idle at its peak, of ${tenth} people, MB`,
        measured: memoryOfTenth - idle,
      },
      {
        name: 'import.memory.MB',
        what: `memory above idle at its peak, of ${rows} people, MB`,
        measured: memory - idle,
      },
    ];
  });
}

function fileOf(rows: number, prefix: string): string {
  const row = (number: number) =>
    `${prefix}${number},${prefix}${number}@bench.example,Pupil Number ${number},Pupil,Number ${number},LEARNER,Year ${number % 12},en`;
  return [columns.join(','), ...Array.from({ length: rows }, (_, index) => row(index + 1))].join('\n');
}

/** @returns what copies it, into a table without an index; the server reads the file itself */
async function bareCopy(
  { directory, database }: RunningIdentity,
  file: string,
): Promise<() => Promise<unknown>> {
  const path = join(directory, 'people.csv');
  writeFileSync(path, file);
  await database.query(`CREATE TABLE bare (${columns.map((name) => `"${name}" text`).join(', ')})`);
  return () => database.query(`COPY bare FROM '${path}' WITH (FORMAT csv, HEADER)`);
}

interface UserImport {
  readonly state: string;
  readonly created: number;
  readonly failure: string | null;
}

/** @throws Error unless each row makes a person */
async function importFile(
  { url, adminToken, askAsAdmin }: RunningIdentity,
  file: string,
  rows: number,
): Promise<void> {
  const response = await fetch(`${url}/people/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'text/csv' },
    body: file,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status}: ${text}`);
  const ended = await endOf(askAsAdmin, (JSON.parse(text) as { id: string }).id);
  if (ended.state !== 'COMPLETED' || ended.created !== rows) throw new Error(JSON.stringify(ended));
}

async function endOf(ask: GraphQLClient, id: string): Promise<UserImport> {
  for (;;) {
    const { data } = await ask<{ userImport: UserImport }>(
      'query ($id: ID!) { userImport(id: $id) { state created failure } }',
      { id },
    );
    if (['COMPLETED', 'FAILED'].includes(data.userImport.state)) return data.userImport;
    await delay(50);
  }
}
