import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SubgraphName } from './graph.ts';

// A process of its own: three subgraphs that answer from memory, so that they are not what is measured.

interface GraphQLRequest {
  readonly variables?: {
    readonly representations?: readonly { readonly __typename: string; readonly id: string }[];
  };
}

const person = (index: number) => ({ __typename: 'User', id: `user_${index % 60}` });
const courses = Array.from({ length: 40 }, (_, course) => ({
  __typename: 'Course',
  id: `course_${course}`,
  title: `Course number ${course}`,
  summary: 'Read tables, charts and averages with care, and say what a sample can and cannot tell you.',
  modules: Array.from({ length: 4 }, (_module, position) => ({
    id: `module_${course}_${position}`,
    title: `Module ${position} of course ${course}`,
    position,
  })),
  teacher: person(course),
  learners: Array.from({ length: 10 }, (_learner, learner) => person(course * 7 + learner)),
}));

const root = JSON.stringify({ data: { courses } });
const entities = { identity: identityOf, learning: learningOf };

const urls = Object.fromEntries(
  await Promise.all([
    serve('catalog', () => root),
    serve('identity', ({ variables }) => answer(variables?.representations ?? [], entities.identity)),
    serve('learning', ({ variables }) => answer(variables?.representations ?? [], entities.learning)),
  ]),
) as Record<SubgraphName, string>;
process.send?.({ urls });

function identityOf({ id }: { id: string }) {
  return { __typename: 'User', name: `Name of ${id}`, email: `${id}@lyceum.example` };
}

function learningOf({ __typename, id }: { __typename: string; id: string }) {
  return __typename === 'Course'
    ? { __typename, percent: id.length * 7, enrolled: 120 }
    : { __typename, completed: id.length };
}

function answer<T>(representations: readonly T[], resolve: (representation: T) => unknown): string {
  return JSON.stringify({ data: { _entities: representations.map(resolve) } });
}

async function serve(
  name: SubgraphName,
  respond: (request: GraphQLRequest) => string,
): Promise<[SubgraphName, string]> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = respond(JSON.parse(Buffer.concat(chunks).toString()) as GraphQLRequest);
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`];
}
