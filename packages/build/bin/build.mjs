#!/usr/bin/env node
// Builds the workspace in which it is called: Prisma client, resolver types, then one bundle for each main.ts.
import { existsSync } from 'node:fs';
import { buildBundles } from '../src/bundle.mjs';
import { generatePrismaClient } from '../src/prisma.mjs';
import { generateResolverTypes } from '../src/resolver-types.mjs';

const steps = [];
if (existsSync('prisma/schema.prisma')) steps.push(generatePrismaClient());
if (existsSync('schema.graphql') && existsSync('src/resolvers')) steps.push(generateResolverTypes());
await Promise.all(steps);
await buildBundles();
