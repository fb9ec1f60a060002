import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** A request that a subgraph received. */
export interface ReceivedRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** A small subgraph over real HTTP and graphql-ws, that can misbehave. */
export interface TestSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** The payload of each socket's ConnectionInit. */
  readonly connections: unknown[];
  /** The payloads of the pings that came on sockets. */
  readonly pings: unknown[];
  readonly sockets: WebSocketServer;
  /** Subscriptions that are open now. */
  live(): number;
  /** Subscriptions that were ever opened. */
  opened(): number;
  /** Answers requests with this status and text instead of with GraphQL. */
  answerWith(instead: { status: number; text: string } | undefined): void;
  /** Requests (of which `which` is true) wait from now on until the function that this answers is called. */
  hold(which?: (query: string) => boolean): () => void;
  /** Closes as many sockets as this with 4500 when they connect, as a subgraph does that lacks identity's keys. */
  failConnections(times: number): void;
  /** Cuts the listener and all connections; `restart` opens the same port again. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export async function startSubgraph(options: {
  name: string;
  sdl: string;
  resolvers: object;
  /** Directives of federation that it imports beside the usual ones. */
  imports?: readonly string[];
}): Promise<TestSubgraph> {
  const { name, imports = [] } = options;
  const imported = ['@key', '@external', '@requires', '@shareable', '@interfaceObject', ...imports];
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imported)})\n${options.sdl}`;
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: options.resolvers as never });
  const received: ReceivedRequest[] = [];
  const connections: unknown[] = [];
  const pings: unknown[] = [];
  let instead: { status: number; text: string } | undefined;
  let held: { which: (query: string) => boolean; released: Promise<void> } | undefined;
  let failing = 0;
  let open = 0;
  let opened = 0;
  let running = await listen(0);

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const body = JSON.parse(await textOf(request)) as Pick<ReceivedRequest, 'query'> &
      Partial<ReceivedRequest>;
    received.push({ query: body.query, variables: body.variables ?? {}, headers: request.headers });
    if (held?.which(body.query)) await held.released;
    if (instead) {
      response.writeHead(instead.status, { 'content-type': 'text/plain' }).end(instead.text);
      return;
    }
    const result = await run(schema, body, request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  }

  async function listen(port: number) {
    const server = createServer((request, response) => void answer(request, response));
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(
      {
        schema,
        onConnect: ({ connectionParams, extra }) => {
          connections.push(connectionParams);
          if (failing > 0) {
            failing -= 1;
            extra.socket.close(4500, 'Internal server error');
            return false;
          }
          return connectionParams?.['authorization'] !== 'Bearer refused-by-subgraph';
        },
        context: ({ connectionParams }) => ({ authorization: connectionParams?.['authorization'] }),
        onPing: (_context, payload) => {
          if (payload) pings.push(payload);
        },
        onOperation: () => {
          open += 1;
          opened += 1;
        },
        onComplete: () => {
          open -= 1;
        },
      },
      sockets,
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return { server, sockets, port: (server.address() as AddressInfo).port };
  }

  return {
    name,
    sdl,
    url: `http://127.0.0.1:${running.port}/graphql`,
    received,
    connections,
    pings,
    get sockets() {
      return running.sockets;
    },
    live: () => open,
    opened: () => opened,
    answerWith(given) {
      instead = given;
    },
    hold(which = () => true) {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      held = { which, released };
      return () => {
        held = undefined;
        release();
      };
    },
    failConnections(times) {
      failing = times;
    },
    async stop() {
      for (const socket of running.sockets.clients) socket.terminate();
      await close(running.server);
    },
    async restart() {
      running = await listen(running.port);
    },
  };
}

async function run(
  schema: GraphQLSchema,
  body: Pick<ReceivedRequest, 'query'> & Partial<ReceivedRequest>,
  headers: IncomingHttpHeaders,
) {
  return execute({
    schema,
    document: parse(body.query),
    variableValues: body.variables ?? null,
    contextValue: { authorization: headers.authorization },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<unknown>((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
