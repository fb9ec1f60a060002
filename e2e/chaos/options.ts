import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What a run of chaos is to be. */
export interface ChaosOptions {
  readonly kills: number;
  /** Decides which process is killed when, and what is sent. */
  readonly seed: number;
  readonly kafka: boolean;
  /** Kills of these processes alone; empty: of any. */
  readonly only: readonly string[];
  /** Between two kills, on average. */
  readonly pauseSeconds: number;
}

/** @throws TypeError for what is not known; RangeError for what is no number */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      kafka: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      pause: { type: 'string', default: '2.5' },
    },
  });
  return {
    kills: numberOf('kills', values.kills),
    seed: numberOf('seed', values.seed),
    kafka: values.kafka,
    only: values.only,
    pauseSeconds: numberOf('pause', values.pause),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new RangeError(`--${name} must be a number, not ${text}`);
  return value;
}
