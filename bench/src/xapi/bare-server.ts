import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { open } from 'lmdb';

// The limit that the receiver is measured against: Node's server, JSON.parse, JSON.stringify, a durable append to
// lmdb (shared by all requests that wait for it), and the ids as the answer. Nothing is validated or stamped.

const [directory = ''] = process.argv.slice(2);

/** Commits wait for the disk, as the event log's do. */
const records = open<string, number>({ path: directory, encoding: 'string', overlappingSync: false });
let next = 0;

const server = createServer((request, response) => {
  void read(request).then(async (body) => {
    const statements = [JSON.parse(body.toString()) as { id: string } | { id: string }[]].flat();
    await records.put((next += 1), JSON.stringify(statements));
    const ids = JSON.stringify(statements.map(({ id }) => id));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ids.length });
    response.end(ids);
  });
});

function read(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
  });
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${String(port)}` });
});
process.once('disconnect', () => process.exit(0));
