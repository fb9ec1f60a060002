import { z } from 'zod';

/** Every fault of the environment at once: what is wrong with which variable. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
  readonly faults: readonly { variable: string; reason: string }[];

  constructor(faults: readonly { variable: string; reason: string }[]) {
    const lines = faults.map(({ variable, reason }) => `  ${variable}: ${reason}`);
    super(`The environment has ${faults.length} fault(s):\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/**
 * Parses the environment once into a typed value. An empty variable counts as not set, as in a shell script.
 *
 * @throws EnvironmentError that names every faulty variable.
 */
export function parseEnvironment<S extends z.ZodRawShape>(
  shape: S,
  source: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  throw new EnvironmentError(
    result.error.issues.map(({ path, message }) => {
      const variable = path.join('.');
      const value = given[variable];
      return { variable, reason: value === undefined ? `not set (${message})` : message };
    }),
  );
}
