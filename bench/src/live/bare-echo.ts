import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

// The limit: a Node server that parses what is posted and hands it to every WebSocket. It checks, stores and looks up
// nothing.

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    const posted: unknown = JSON.parse(Buffer.concat(chunks).toString());
    for (const client of sockets.clients) client.send(JSON.stringify(posted));
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
});
const sockets = new WebSocketServer({ server });

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` });
});
process.once('disconnect', () => process.exit(0));
