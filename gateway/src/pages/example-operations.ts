import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An operation that the playground opens in a tab. */
export interface Example {
  readonly title: string;
  readonly query: string;
  /** JSON, to be edited. */
  readonly variables: string;
}

/** The examples of a folder, in the order of their file names: `1-log-in.graphql`, with `1-log-in.variables.json`. */
export async function readExamples(directory: string): Promise<Example[]> {
  const files = await readdir(directory).catch(() => []);
  const names = files
    .filter((file) => file.endsWith('.graphql'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return Promise.all(names.map((name) => readExample(directory, name.replace(/\.graphql$/, ''))));
}

async function readExample(directory: string, name: string): Promise<Example> {
  const [query, variables] = await Promise.all([
    readFile(join(directory, `${name}.graphql`), 'utf8'),
    readFile(join(directory, `${name}.variables.json`), 'utf8').catch(() => ''),
  ]);
  return { title: titleOf(name), query, variables };
}

/** `2-browse-courses` -> `Browse courses` */
function titleOf(name: string): string {
  const words = name.replace(/^\d+-/, '').replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
