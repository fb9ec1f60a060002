import { EnvironmentError } from '@lyceum/service';
import { ArgumentsError, parseArguments } from './arguments.ts';
import { readEnv } from './env.ts';
import { simulate } from './simulate.ts';

// `npm run simulate -- --learners 200 --rate 50 --minutes 5 [--seed 1]`
const stop = untilAsked();

try {
  const args = parseArguments(process.argv.slice(2), Math.floor(Math.random() * 100_000));
  const env = readEnv();
  // What is away at the start was not started; the patience further on is for what is killed meanwhile.
  await fetch(env.GRAPHQL_URL, { method: 'HEAD', signal: stop });
  const succeeded = await simulate({ args, env, out: process.stdout, stop });
  process.exitCode = succeeded ? 0 : 1;
} catch (error) {
  const stopped = stop.aborted && error === stop.reason;
  if (!stopped) process.stderr.write(`${explain(error)}\n`);
  process.exitCode = stopped ? 0 : 1;
}

/** Aborted by the first Ctrl-C; another one ends the process at once, with the code that a shell expects (128 + 2). */
function untilAsked(): AbortSignal {
  // One Ctrl-C may arrive twice: from the terminal, which tells the whole group, and from npm, which passes it on.
  const samePressMs = 500;
  const asked = new AbortController();
  let askedAt = 0;
  const onSignal = () => {
    if (asked.signal.aborted && performance.now() - askedAt > samePressMs) process.exit(130);
    if (!asked.signal.aborted) askedAt = performance.now();
    asked.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return asked.signal;
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
