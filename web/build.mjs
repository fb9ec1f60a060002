// Bundles the pages into dist/: self-contained files that ask nothing of any other host.
import { cp, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await Promise.all([
  cp('pages', 'dist', { recursive: true }),
  build({
    entryPoints: { playground: 'src/playground/main.tsx', start: 'src/start/main.ts' },
    outdir: 'dist',
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'linked',
    logLevel: 'warning',
  }),
]);
