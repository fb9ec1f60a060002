import type { FastifyReply } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Access, Credentials } from '../access/access.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import { retryAfterSeconds } from './too-many-connections.ts';

/** Answers a request that is refused before anything is streamed, with the status that the error names; 400 otherwise. */
export function refuseWith(
  reply: FastifyReply,
  format: ErrorFormatter,
  errors: readonly GraphQLError[],
): void {
  const { status = 400 } = (errors[0]?.extensions['http'] ?? {}) as { status?: number };
  if (status === 429) void reply.header('retry-after', retryAfterSeconds);
  const shown = formatAll(format, errors).map(({ extensions = {}, ...error }) => {
    const { http: _http, ...told } = extensions;
    return { ...error, extensions: told };
  });
  void reply.code(status).send({ errors: shown });
}

/** Who asks; undefined where they are refused, which is answered then. */
export async function credentialsOr(
  reply: FastifyReply,
  format: ErrorFormatter,
  access: Access,
): Promise<Credentials | undefined> {
  try {
    return await access.authenticate(reply.request.headers.authorization);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    refuseWith(reply, format, [error]);
    return undefined;
  }
}
