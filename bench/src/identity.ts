import { loadavg } from 'node:os';
import { measureImport } from './identity/import-people.ts';
import { measureLogins } from './identity/logins.ts';
import { readOptions, type Options, type PartName } from './identity/options.ts';
import { figuresOf, ratiosOf, tableRow, type Finding } from './identity/part.ts';
import { measureUsersPage } from './identity/users-page.ts';
import { measureVerification } from './identity/verification.ts';
import { printReport, round } from './report/report.ts';

// `npm run bench -- identity [--only PART]… [--runs N] [--seconds N] [--users N] [--rows N]`: what knowing
// who asks takes, logins, a list of a million people, and an import of a hundred thousand. The parts run one after the
// other, each with a PostgreSQL and an identity of its own.

const parts: Record<PartName, (options: Options) => Promise<Finding[]>> = {
  verification: measureVerification,
  logins: measureLogins,
  users: measureUsersPage,
  import: measureImport,
};

const options = readOptions(process.argv.slice(2));
const findings: Finding[] = [];
for (const name of options.only) findings.push(...(await parts[name](options)));

const load = round(loadavg()[0] ?? NaN);
console.log(`Medians of ${options.runs} runs; load of the machine ${load}`);
printReport(findings.map(tableRow), {
  bench: 'identity',
  figures: { ...figuresOf(findings), load },
  ratios: ratiosOf(findings),
});
