import { CompositionError } from './compose.ts';
import { checkAgainstReleased } from './release/released.ts';

// Run by `npm run schema:check`, in the root of the repository.
try {
  const { lines, faults } = await checkAgainstReleased(process.cwd());
  for (const line of lines) console.log(line);
  if (lines.length === 0) console.log('Nothing has changed since the last release.');
  for (const fault of faults) console.error(`\n${fault}`);
  if (faults.length > 0) {
    console.error('\nWhere it is meant, say so and why in schema/allowed-since-release.txt.');
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof CompositionError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
