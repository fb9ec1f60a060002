import { pino, type Logger } from 'pino';
import { currentRequest } from './current-request.ts';

export type { Logger };

const secrets = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.secret', '*.token'];

/** Structured logs on standard output, one JSON object a line, with the id of the request that they belong to. */
export function createLogger({ service, level }: { service: string; level: string }): Logger {
  return pino({
    level,
    base: { service },
    redact: { paths: secrets, censor: '[redacted]' },
    mixin: () => {
      const requestId = currentRequest()?.id;
      return requestId === undefined ? {} : { requestId };
    },
  });
}
