/** Appends under a limit on the size of files until that refuses; tells how many appends were acknowledged. */
import { pino } from 'pino';
import { createEventLog } from '../src/index.ts';

const { directory } = JSON.parse(process.argv[2] ?? '{}') as { directory: string };
const log = await createEventLog({ directory, logger: pino({ level: 'silent' }), clientId: 'child' });
// lmdb prints the reason of a failed commit as well.
console.error = () => undefined;
let acknowledged = 0;
let rejected = '';
while (rejected === '' && acknowledged < 1_000) {
  try {
    await log.append([{ topic: 't', key: 'a', value: Buffer.alloc(100_000) }]);
    acknowledged += 1;
  } catch (error) {
    rejected = (error as Error).name;
  }
}
await log.close();
process.send?.({ outcome: { acknowledged, rejected } });
process.disconnect();
