import { readJsonFile } from '../data/json-file.ts';
import { StartFault } from '../start-fault.ts';

/** The password of every demo account and the secret of the demo key; known to everybody. */
export const demoSecret = 'lyceum-demo';

/**
 * Keeps a production start away from secrets that the world knows: demo data asked for, demo data already loaded, or
 * a variable that holds the demo secret.
 *
 * @throws StartFault that lists every one of them.
 */
export function refuseDemoInProduction(options: {
  production: boolean;
  demo: boolean;
  demoFile: string;
  source: NodeJS.ProcessEnv;
}): void {
  if (!options.production) return;
  const faults = [
    ...(options.demo ? ['LYCEUM_DEMO=1 asks for demo accounts, whose passwords are public'] : []),
    ...(readJsonFile(options.demoFile) === undefined ? [] : ['the data directory holds the demo accounts']),
    ...variablesHolding(demoSecret, options.source).map((name) => `${name} holds the demo secret`),
  ];
  if (faults.length === 0) return;
  throw new StartFault(
    `A production start (NODE_ENV=production) refuses demo credentials:\n${faults.map((fault) => `  ${fault}`).join('\n')}\n` +
      'Set secrets of your own, and LYCEUM_DATA_DIR to a directory without demo data.',
  );
}

/** A path or a name may hold the word and be no secret; a variable is one by its name, or as a URL with a password. */
function variablesHolding(secret: string, source: NodeJS.ProcessEnv): string[] {
  return Object.entries(source)
    .filter(([name, value = '']) => (secretName.test(name) ? value : passwordOf(value)).includes(secret))
    .map(([name]) => name);
}

const secretName = /(SECRET|PASSWORD|TOKEN|KEY)$/i;

function passwordOf(value: string): string {
  return URL.canParse(value) ? new URL(value).password : '';
}
