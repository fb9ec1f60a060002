import { EnvironmentError } from '@lyceum/service';
import { ArgumentsError, parseArguments } from './arguments.ts';
import { readEnv } from './env.ts';
import { simulate } from './simulate.ts';

// `npm run simulate -- --learners 200 --rate 50 --minutes 5 [--seed 1]`
const stop = new AbortController();
process.once('SIGINT', () => {
  stop.abort();
});
process.once('SIGTERM', () => {
  stop.abort();
});

try {
  const args = parseArguments(process.argv.slice(2), Math.floor(Math.random() * 100_000));
  const env = readEnv();
  // What is away at the start was not started; the patience further on is for what is killed meanwhile.
  await fetch(env.GRAPHQL_URL, { method: 'HEAD' });
  const succeeded = await simulate({ args, env, out: process.stdout, signal: stop.signal });
  process.exitCode = succeeded ? 0 : 1;
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

/** A fault that people can mend in its own words; a service that is away with where it should be. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ArgumentsError || error instanceof EnvironmentError) return error.message;
  // fetch wraps what the connection met.
  const met = error.cause instanceof Error ? error.cause : error;
  if ('code' in met && met.code === 'ECONNREFUSED') {
    return `Nothing answers (${met.message}). Start Lyceum first: npm start.`;
  }
  return error.stack ?? error.message;
}
