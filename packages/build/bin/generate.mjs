#!/usr/bin/env node
// Writes the generated code of all workspaces, in one process: what generates takes longer to load than to run.
import { readFileSync } from 'node:fs';
import { generateCode } from '../src/generate.mjs';
import { workspaceFolders } from '../workspaces.js';

const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const workspace of workspaceFolders(workspaces)) await generateCode(workspace);
