import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
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
  await rm('dist', { recursive: true, force: true });
  await build({
    entryPoints: mains.map((file) => `src/${file}`),
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    splitting: true,
    logLevel: 'warning',
    plugins: [externalPackages],
  });
}
