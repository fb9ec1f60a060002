import { compareWithBare } from './xapi/compare.ts';

// `npm run bench -- xapi-batch [seconds] [runs]`: statements in batches of 100 over 16 connections, each batch durable
// when it is answered, beside a bare server that validates nothing.

const [seconds = 5, runs = 3] = process.argv.slice(2).map(Number);
await compareWithBare({ bench: 'xapi-batch', batch: 100, connections: 16, seconds, runs });
