import { pino, type Logger } from 'pino';
import { currentRequest } from './current-request.ts';
import { withSourcePositions } from './source-positions.ts';

export type { Logger };

const secrets = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.secret', '*.token'];

/** Structured logs on standard output, one JSON object a line, with the id of the request that they belong to. */
export function createLogger({ service, level }: { service: string; level: string }): Logger {
  return pino({
    level,
    base: { service },
    redact: { paths: secrets, censor: '[redacted]' },
    serializers: { err: describeError },
    mixin: () => {
      const requestId = currentRequest()?.id;
      return requestId === undefined ? {} : { requestId };
    },
  });
}

/** As pino has it, with the places in our sources. */
function describeError(error: Error): unknown {
  const described: unknown = pino.stdSerializers.err(error);
  if (isWithStack(described)) described.stack = withSourcePositions(described.stack);
  return described;
}

/** What is logged as an error may be anything. */
function isWithStack(value: unknown): value is { stack: string } {
  return typeof (Object(value) as { stack?: unknown }).stack === 'string';
}
