import { readdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** npm packages stay outside of the bundle; the workspaces (@lyceum/...) are source and go in. */
const externalPackages = {
  name: 'external-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@lyceum/') ? undefined : { path, external: true },
    );
  },
};

/** Bundles each `main.ts` below src/ to the same place below dist/, for Node 20. */
export async function buildBundles() {
  const mains = readdirSync('src', { recursive: true }).filter((file) => /(^|\/)main\.ts$/.test(file));
  if (mains.length === 0) return;
  const { metafile } = await build({
    entryPoints: mains.map((file) => `src/${file}`),
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    // The sources lie beside the bundles, in the image too.
    sourcesContent: false,
    splitting: true,
    logLevel: 'warning',
    plugins: [externalPackages],
    metafile: true,
  });
  await removeStale('dist', new Set(Object.keys(metafile.outputs)));
}

/** What an earlier build left, once the new one is there: a running system may start a process at any moment. */
async function removeStale(directory, outputs) {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  await Promise.all(paths.filter((path) => !outputs.has(path)).map((path) => rm(path)));
}
