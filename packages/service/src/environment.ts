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

/**
 * Parses the environment once into a typed value. An empty variable counts as not set, as in a shell script.
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
    ? furtherFaults(result.data)
    : result.error.issues.map((issue) => faultOf(issue, given));
  if (!result.success || faults.length > 0) throw new EnvironmentError(faults);
  return result.data;
}

function faultOf(issue: z.core.$ZodIssue, given: NodeJS.ProcessEnv): EnvironmentFault {
  const variable = issue.path.join('.');
  return { variable, reason: given[variable] === undefined ? `not set (${issue.message})` : issue.message };
}
