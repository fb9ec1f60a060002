import { readOptions } from './options.ts';
import { runChaos } from './run-chaos.ts';

// `npm run chaos -- --kills 100`: kill -9 of the LRS's processes at random moments while it works, and then the question
// whether it has kept its promises (README.md). `--kafka` on Apache Kafka, `--seed N` with the chance of another run.

const options = readOptions(process.argv.slice(2));
const began = Date.now();
const say = (line: string) => {
  console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`);
};
say(`seed ${options.seed}`);
const { faults, killed, ...figures } = await runChaos(options, say);
console.table(killed);
console.table([figures]);
for (const fault of faults.slice(0, 50)) console.log(`FAULT ${fault}`);
console.log(JSON.stringify({ chaos: options, killed, ...figures, faults: faults.length }));
process.exit(faults.length === 0 ? 0 : 1);
