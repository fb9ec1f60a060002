import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from '@node-rs/argon2';

// A process of its own: how often a second it verifies a password against its hash, and does nothing else. Asked by
// GET ?hash=…&password=…&seconds=…&concurrency=…

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const text = (name: string) => searchParams.get(name) ?? '';
  void rate(text('hash'), text('password'), Number(text('seconds')), Number(text('concurrency'))).then(
    (perSecond) => response.end(JSON.stringify({ perSecond })),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` });
});
process.on('disconnect', () => process.exit(0));

async function rate(hash: string, password: string, seconds: number, concurrency: number): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1_000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      if (!(await verify(hash, password))) throw new Error('The password does not belong to the hash');
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (done * 1_000) / (performance.now() - began);
}
