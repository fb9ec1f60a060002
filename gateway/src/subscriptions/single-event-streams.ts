import { clientOf, isSameSession, type HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { formatAll } from '../requests/format-error.ts';
import { graphqlPath, type AlternativeAnswer } from '../requests/graphql-route.ts';
import { createConnection, type ConnectionOptions, type ConnectionSink } from './connection.ts';
import { endedBecause } from './ended.ts';
import { createHttpStream } from './http-stream.ts';
import { isPayload } from './operation.ts';
import type { Presence } from './presence.ts';
import { credentialsOr, refuseWith } from './refusal.ts';
import { createReservations, type Reservation } from './reservations.ts';
import { singleConnectionEvents as events } from './server-sent-events.ts';
import { tooManyConnections } from './too-many-connections.ts';

export const tokenHeader = 'x-graphql-event-stream-token';

/**
 * GraphQL over server-sent events, single connection mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): PUT reserves a stream, GET opens it, POST runs an
 * operation on it, DELETE stops one.
 *
 * The reservation's token is a ticket for its stream, since a browser's EventSource sends no header; whoever runs or
 * stops something on it must also be who reserved it. No page of another origin can: PUT and DELETE, and a POST of JSON,
 * are asked for before they are sent, and nobody here allows it.
 *
 * @returns how GET and POST are answered that bring a token
 */
export function singleEventStreams(
  options: ConnectionOptions & { server: HttpServer; presence: Presence },
): AlternativeAnswer {
  const { server, presence, access, format, limits } = options;
  const reservations = createReservations(limits.reservationMs);
  server.addHook('preClose', async () => {
    reservations.endAll();
  });
  const refuse = (reply: FastifyReply, status: number, code: string, message: string) => {
    refuseWith(reply, format, [new GraphQLError(message, { extensions: { code, http: { status } } })]);
    return reply;
  };

  async function reserve(request: FastifyRequest, reply: FastifyReply) {
    const guest = presence.enter('single-event-stream', request.ip);
    const tooMany = (of: 'address' | 'user', limit: number) => {
      refuseWith(reply, format, [tooManyConnections(of, limit)]);
      return reply;
    };
    if (!guest) return tooMany('address', limits.connectionsPerAddress);
    const credentials = await credentialsOr(reply, format, access);
    if (!credentials || !guest.identify(credentials.viewer)) {
      guest.leave();
      return credentials ? tooMany('user', limits.connectionsPerUser) : reply;
    }
    const client = clientOf(request.ip, request.headers['user-agent']);
    const { token } = reservations.reserve(guest, (reservation) => {
      // Not at once: where the session has ended meanwhile, there is no reservation yet.
      const over = (reason: string) => {
        queueMicrotask(() => void expire(reservation(), reason));
      };
      return createConnection(options, { credentials, client, sink: sinkOf(reservation), over });
    });
    return reply.code(201).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(token);
  }

  /** Each operation is told why, since the stream has no word of its own for it. */
  async function expire(reservation: Reservation, reason: string): Promise<void> {
    const { connection, stream } = reservation;
    const errors = formatAll(format, endedBecause('UNAUTHENTICATED', reason).errors);
    const sink = sinkOf(() => reservation);
    const ids = connection.ids();
    for (const id of ids) connection.stop(id);
    if (stream) await Promise.all(ids.map((id) => sink.error(id, errors)));
    reservation.end();
  }

  async function openStream(request: FastifyRequest, reply: FastifyReply, reservation: Reservation) {
    if (!(request.headers.accept ?? '').includes('text/event-stream'))
      return refuse(reply, 405, 'BAD_REQUEST', 'On an event stream, operations are run by POST.');
    if (request.headers.authorization !== undefined) {
      const credentials = await credentialsOr(reply, format, access);
      if (!credentials) return reply;
      if (!isSameSession(credentials.viewer, reservation.connection.credentials.viewer))
        return refuse(reply, 403, 'FORBIDDEN', somebodyElses);
    }
    if (reservation.stream) return refuse(reply, 409, 'CONFLICT', 'The event stream is open already.');
    const stream = createHttpStream(reply.raw, events, limits.stalledMs);
    reply.hijack();
    stream.begin(request.id);
    reservation.open(stream);
    return reply;
  }

  /** Whether they may use the stream; a newer token of theirs takes the place of the older one. */
  async function isWelcome(request: FastifyRequest, reply: FastifyReply, { connection }: Reservation) {
    const credentials = await credentialsOr(reply, format, access);
    if (!credentials) return false;
    if (!isSameSession(credentials.viewer, connection.credentials.viewer)) {
      refuse(reply, 403, 'FORBIDDEN', somebodyElses);
      return false;
    }
    const { authorization } = request.headers;
    if (credentials.authorization !== connection.credentials.authorization && authorization !== undefined)
      await connection.renew(authorization);
    return true;
  }

  async function run(request: FastifyRequest, reply: FastifyReply, reservation: Reservation) {
    const { body } = request;
    const { connection } = reservation;
    if (!(await isWelcome(request, reply, reservation))) return;
    if (!isPayload(body)) {
      refuse(reply, 400, 'BAD_REQUEST', 'The body must be JSON: an operation.');
      return;
    }
    const id = body.extensions?.['operationId'];
    if (typeof id !== 'string' || id === '') {
      refuse(reply, 400, 'BAD_REQUEST', '`extensions.operationId` must be a text.');
      return;
    }
    if (connection.has(id)) {
      refuse(reply, 409, 'CONFLICT', `An operation with the id ${id} is running.`);
      return;
    }
    await connection.start(id, body, (errors) => {
      if (errors) refuseWith(reply, format, errors);
      else void reply.code(202).send();
    });
  }

  async function stop(request: FastifyRequest, reply: FastifyReply) {
    const reservation = reservations.find(tokenOf(request) ?? '');
    if (!reservation) return refuse(reply, 404, 'NOT_FOUND', notFound);
    if (!(await isWelcome(request, reply, reservation))) return reply;
    const { operationId } = request.query as { operationId?: unknown };
    if (typeof operationId !== 'string' || operationId === '')
      return refuse(reply, 400, 'BAD_REQUEST', 'Name the operation: ?operationId=….');
    reservation.connection.stop(operationId);
    return reply.code(200).send();
  }

  server.put(graphqlPath, reserve);
  server.delete(graphqlPath, stop);

  return async (request, reply) => {
    const token = tokenOf(request);
    if (token === undefined) return false;
    const reservation = reservations.find(token);
    if (!reservation) refuse(reply, 404, 'NOT_FOUND', notFound);
    else if (request.method === 'GET') await openStream(request, reply, reservation);
    else await run(request, reply, reservation);
    return true;
  };
}

const notFound = 'There is no such event stream, or it has ended.';
const somebodyElses = 'The event stream was reserved by somebody else.';

function tokenOf({ headers, query }: FastifyRequest): string | undefined {
  const header = headers[tokenHeader];
  if (typeof header === 'string') return header;
  const { token } = query as { token?: unknown };
  return typeof token === 'string' ? token : undefined;
}

/** What comes before the stream is opened waits: as events in the subscription's queue, not as text. */
function sinkOf(reservation: () => Reservation): ConnectionSink {
  const write = async (frame: string) => {
    const stream = await reservation().opened;
    await stream?.write(frame);
  };
  return {
    next: (id, result) => write(events.next(id, result)),
    error: (id, errors) => write(events.next(id, { errors }) + events.complete(id)),
    complete: (id) => write(events.complete(id)),
  };
}
