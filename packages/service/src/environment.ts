import { z } from 'zod';
import { StartError } from './start-error.ts';

/** Every fault of the environment at once: what is wrong with which variable. */
export class EnvironmentError extends StartError {
  override name = 'EnvironmentError';
  readonly faults: readonly EnvironmentFault[];

  constructor(faults: readonly EnvironmentFault[]) {
    const lines = faults.map(({ variable, reason }) => `  ${variable}: ${reason}`);
    super(`The environment has ${faults.length} fault(s):\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

interface EnvironmentFault {
  readonly variable: string;
  readonly reason: string;
}

/** What every secret of the demo contains; the demo is for trying out, and everybody knows them. */
const demoSecret = 'lyceum-demo';

/**
 * Parses the environment once into a typed value. An empty variable counts as not set, as in a shell script. A password
 * that stands in `X_PASSWORD` is put into `X_URL`, so that it may hold any character. In production no variable may
 * hold a secret of the demo.
 *
 * @param furtherFaults what the variables may not be together, such as a demo secret in production.
 * @throws EnvironmentError that names every faulty variable.
 */
export function parseEnvironment<S extends z.ZodRawShape>(
  shape: S,
  source: NodeJS.ProcessEnv = process.env,
  furtherFaults: (env: z.infer<z.ZodObject<S>>) => readonly EnvironmentFault[] = () => [],
): z.infer<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(given);
  const faults = result.success
    ? [...furtherFaults(result.data), ...demoSecretsIn(result.data), ...doublePasswordsIn(result.data)]
    : result.error.issues.map((issue) => faultOf(issue, given));
  if (!result.success || faults.length > 0) throw new EnvironmentError(faults);
  return withPasswords(result.data);
}

function faultOf(issue: z.core.$ZodIssue, given: NodeJS.ProcessEnv): EnvironmentFault {
  const variable = issue.path.join('.');
  return { variable, reason: given[variable] === undefined ? `not set (${issue.message})` : issue.message };
}

function demoSecretsIn(env: Readonly<Record<string, unknown>>): EnvironmentFault[] {
  if (env['NODE_ENV'] !== 'production') return [];
  return Object.entries(env)
    .filter(([name, value]) => secretIn(name, value).includes(demoSecret))
    .map(([variable]) => ({
      variable,
      reason: 'holds a secret of the demo, which is public: set one of your own',
    }));
}

/** What is secret of a variable: all of one that is named so, the password of a URL. */
function secretIn(name: string, value: unknown): string {
  if (typeof value !== 'string') return '';
  if (/(?:SECRET|PASSWORD)$/.test(name)) return value;
  return URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
}

/** The variables `X_URL` beside whose URL a password is given in `X_PASSWORD`. */
function passwordsIn(env: Readonly<Record<string, unknown>>) {
  return Object.entries(env).flatMap(([name, password]) => {
    const variable = name.replace(/_PASSWORD$/, '_URL');
    const url = env[variable];
    if (variable === name || typeof password !== 'string' || typeof url !== 'string') return [];
    return [{ variable, url: new URL(url), password }];
  });
}

function doublePasswordsIn(env: Readonly<Record<string, unknown>>): EnvironmentFault[] {
  return passwordsIn(env)
    .filter(({ url }) => url.password !== '')
    .map(({ variable }) => ({
      variable,
      reason: `holds a password, and so does ${variable.replace(/_URL$/, '_PASSWORD')}: set one of them`,
    }));
}

function withPasswords<Env extends Readonly<Record<string, unknown>>>(env: Env): Env {
  const urls = passwordsIn(env).map(({ variable, url, password }) => {
    url.password = encodeURIComponent(password);
    return [variable, url.toString()];
  });
  return { ...env, ...Object.fromEntries(urls) } as Env;
}
