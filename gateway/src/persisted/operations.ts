import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isMain } from '@lyceum/service';
import { codeFile, collectOperations, CollectionError, graphqlFile } from './collect-operations.ts';

const usage = `Usage: npm run operations -- DIRECTORY... [--out FILE]

Writes a manifest of the operations in the clients' files (.graphql, .gql, and gql\`…\` in TypeScript and JavaScript)
to FILE, persisted-operations.json unless said. See docs/gateway.md, "Persisted operations".`;

/** `npm run operations`: answers with which code the process ends. */
export async function writeOperations(
  given: readonly string[],
  options: { from: string; say: (text: string) => void },
): Promise<number> {
  const { from, say } = options;
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { out: { type: 'string', default: 'persisted-operations.json' } },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw new CollectionError(`Name a directory.\n\n${usage}`);
    const files = await Promise.all(positionals.map((directory) => filesIn(resolve(from, directory))));
    const manifest = collectOperations(files.flat());
    const out = resolve(from, values.out);
    await writeFile(out, `${JSON.stringify(manifest, undefined, 2)}\n`);
    say(`${manifest.operations.length} operations are in ${out}.`);
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** Those of packages and of builds are not the client's own. */
const left = new Set(['node_modules', 'dist', 'build', 'coverage']);

async function filesIn(directory: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries
    .filter(({ name }) => !left.has(name) && !name.startsWith('.'))
    .map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesIn(path);
      if (!graphqlFile.test(path) && !codeFile.test(path)) return [];
      return [{ path, text: await readFile(path, 'utf8') }];
    });
  return (await Promise.all(files)).flat();
}

if (isMain(import.meta)) {
  process.exitCode = await writeOperations(process.argv.slice(2), {
    from: process.cwd(),
    say: (text) => {
      process.stdout.write(`${text}\n`);
    },
  });
}
