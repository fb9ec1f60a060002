import { parseArgs } from 'node:util';

/** What the simulation is asked to do. */
export interface SimulationArguments {
  readonly learners: number;
  /** Actions (statements and quizzes) a second, or as many as the system takes. */
  readonly rate: number | 'max';
  readonly minutes: number;
  readonly seed: number;
}

export const usage = 'npm run simulate -- --learners 200 --rate 50 --minutes 5 [--seed 1]   (or --rate max)';

/** The arguments are not usable; the message lists every fault. */
export class ArgumentsError extends Error {
  override name = 'ArgumentsError';
}

/**
 * @param fallbackSeed where none is given: a new one each time, or a second run would repeat the first one's statements
 * @throws ArgumentsError
 */
export function parseArguments(args: readonly string[], fallbackSeed: number): SimulationArguments {
  const values = read(args);
  const faults: string[] = [];
  const number = (
    name: 'learners' | 'rate' | 'minutes' | 'seed',
    least: number,
    most: number,
    whole: boolean,
  ) => {
    const value = Number(values[name]);
    const fits = value >= least && value <= most && (!whole || Number.isInteger(value));
    if (!fits) faults.push(`--${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
    return value;
  };
  const parsed: SimulationArguments = {
    learners: number('learners', 1, 100_000, true),
    rate: values.rate === 'max' ? 'max' : number('rate', 0.01, 1_000_000, false),
    minutes: number('minutes', 0.01, 100_000, false),
    seed: values.seed === undefined ? fallbackSeed : number('seed', 0, 2 ** 31, true),
  };
  if (faults.length > 0) throw new ArgumentsError(`${faults.join('\n')}\n${usage}`);
  return parsed;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        learners: { type: 'string', default: '200' },
        rate: { type: 'string', default: '50' },
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ArgumentsError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
