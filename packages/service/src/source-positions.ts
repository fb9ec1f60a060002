import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * A stack in which what lies in one of our bundles is named by its place in the sources.
 *
 * Node does the same with --enable-source-maps, for a price at every start: it reads and keeps the map of every module,
 * of the npm packages too, though hardly one stack is ever read. Here a map is read with the first stack that needs it.
 */
export function withSourcePositions(stack: string): string {
  return stack.replaceAll(
    /(file:\/\/\/[^\s()]*\/dist\/[^\s()]+\.js):(\d+):(\d+)/g,
    (place, bundle: string, line: string, column: string) =>
      sourceOf(bundle, Number(line), Number(column)) ?? place,
  );
}

/** Kept, for a fault that comes again and again must not read it every time. Undefined: there is none to be had. */
const maps = new Map<string, SourceMap | undefined>();

function sourceOf(bundle: string, line: number, column: number): string | undefined {
  if (!maps.has(bundle)) maps.set(bundle, readMap(bundle));
  const found = maps.get(bundle)?.findEntry(line - 1, column - 1);
  if (found === undefined || !('originalSource' in found)) return undefined;
  const source = fileURLToPath(new URL(found.originalSource, bundle));
  return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
}

function readMap(bundle: string): SourceMap | undefined {
  try {
    const text = readFileSync(fileURLToPath(`${bundle}.map`), 'utf8');
    return new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    // The place in the bundle is better than no stack.
    return undefined;
  }
}
