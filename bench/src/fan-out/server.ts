import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answerCpu, readArgument } from '../gateway/child.ts';
import { ticking } from './schema.ts';

// A process of its own: graphql-ws's own server over the ticks. Once it is the subgraph behind our gateway, which has one
// subscriber a topic, and once the peer, which has all of them.

const { topics } = readArgument() as { topics: number };
const server = createServer((_request, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
useServer({ schema: ticking(topics) }, sockets);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
answerCpu(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
