import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { sdl, subgraphNames, type SubgraphName } from './graph.ts';
import { createRecording } from './recording.ts';
import { resolvers } from './shop.ts';

// A process of its own: the subgraphs. What was asked once is answered from memory, so that they are not what is measured.

const recording = createRecording();

async function serve(name: SubgraphName): Promise<[SubgraphName, string]> {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl[name]), resolvers: resolvers[name] as never });
  const answers = new Map<string, Promise<Buffer>>();

  async function compute(body: string): Promise<Buffer> {
    const { query: source, variables: variableValues } = JSON.parse(body) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    return Buffer.from(JSON.stringify(await graphql({ schema, source, variableValues })));
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const ended = recording.began(name, body);
      const answer = answers.get(body) ?? compute(body);
      answers.set(body, answer);
      void answer.then((bytes) => {
        ended();
        const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
        response.writeHead(200, headers).end(bytes);
      });
    });
  });
  // None is closed in the instant in which a request comes over it.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`];
}

const urls = Object.fromEntries(await Promise.all(subgraphNames.map(serve)));
process.on('message', () => {
  process.send?.(recording.take());
});
process.on('disconnect', () => process.exit(0));
process.send?.({ urls });
