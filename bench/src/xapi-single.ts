import { compareWithBare } from './xapi/compare.ts';

// `npm run bench -- xapi-single [seconds] [runs]`: one statement a request over 256 keep-alive connections, durable
// when it is answered, beside a bare server that validates nothing.

const [seconds = 5, runs = 3] = process.argv.slice(2).map(Number);
await compareWithBare({ bench: 'xapi-single', batch: 1, connections: 256, seconds, runs });
