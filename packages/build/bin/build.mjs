#!/usr/bin/env node
// Builds the workspace in which it is called: generated code, where `npm run generate` has not just written it, then one
// bundle for each main.ts.
import { buildBundles } from '../src/bundle.mjs';
import { generateCode } from '../src/generate.mjs';

await generateCode('.', { onlyStale: true, afterBuilds: true });
await buildBundles();
