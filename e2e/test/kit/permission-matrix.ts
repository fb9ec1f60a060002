import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_ROLES } from '@lyceum/service';
import type { Outcome } from './outcome.ts';

/** Nobody is who comes without a token. */
export const columns = ['nobody', ...BUILT_IN_ROLES] as const;

export type Column = (typeof columns)[number];

/** What an operation, or a field that not everybody may see, comes to for each. */
export type Row = Readonly<Record<Column, Outcome>>;

const file = join(import.meta.dirname, '../permission-matrix.md');

const words: Readonly<Record<Outcome, string>> = {
  ALLOWED: 'yes',
  FORBIDDEN: '-',
  UNAUTHENTICATED: 'log in',
};

const head = `# Who may call what

What is expected of each operation over the gateway, and of each field that not everybody may see: \`yes\`, \`-\` for
FORBIDDEN, \`log in\` for UNAUTHENTICATED. permissions.test.ts makes the calls. Change a row on purpose, never to please
the test; \`LYCEUM_WRITE_MATRIX=1\` writes what was found.
`;

/** The expectations, by operation or field. */
export function readMatrix(): Map<string, Row> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const rows = lines.map(cellsOf).filter(([name = '']) => name.includes('.'));
  return new Map(rows.map(([name = '', ...cells]) => [name, rowOf(name, cells)]));
}

export function writeMatrix(rows: ReadonlyMap<string, Row>): void {
  const lines = [...rows].map(([name, row]) => [name, ...columns.map((column) => words[row[column]])]);
  const all = [
    ['operation', ...columns],
    ['operation', ...columns].map((word) => '-'.repeat(word.length)),
    ...lines,
  ];
  const widths = ['operation', ...columns].map((_column, place) =>
    Math.max(...all.map((line) => (line[place] ?? '').length)),
  );
  const padded = all.map((line, index) => {
    const cells = line.map((cell, place) => cell.padEnd(widths[place] ?? 0, index === 1 ? '-' : ' '));
    return `| ${cells.join(' | ')} |`;
  });
  writeFileSync(file, `${head}\n${padded.join('\n')}\n`);
}

function cellsOf(line: string): string[] {
  return line.startsWith('| ')
    ? line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    : [];
}

function rowOf(name: string, cells: readonly string[]): Row {
  const entries = columns.map((column, place) => {
    const found = Object.entries(words).find(([, word]) => word === cells[place]);
    if (!found)
      throw new Error(
        `The matrix says nothing that is known of ${name} for ${column}: ${cells[place] ?? ''}`,
      );
    return [column, found[0]] as const;
  });
  return Object.fromEntries(entries) as Row;
}
