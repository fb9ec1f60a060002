import { inspect } from 'node:util';
import { createLogger, type Logger } from '@lyceum/service';

/** A logger that is silent, and says what went wrong where a test needs to know. */
export interface KeptErrors {
  readonly logger: Logger;
  /** Writes what was logged as an error since the last time. */
  show(): void;
}

export function keepErrors(): KeptErrors {
  const kept: unknown[][] = [];
  const logger = createLogger({ service: 'test', level: 'silent' });
  logger.error = (...logged: unknown[]) => {
    kept.push(logged);
  };
  return {
    logger,
    show() {
      for (const logged of kept.splice(0)) process.stderr.write(`${inspect(logged, { depth: 5 })}\n`);
    },
  };
}
