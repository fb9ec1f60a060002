import {
  ApolloGateway,
  RemoteGraphQLDataSource,
  type GraphQLDataSourceProcessOptions,
} from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { answerCpu, readArgument } from './child.ts';
import { composeGraph, type Urls } from './graph.ts';

// A process of its own: Apollo Server and @apollo/gateway as their documentation sets them up, the token forwarded.
process.env['APOLLO_TELEMETRY_DISABLED'] = '1';

interface Context {
  readonly authorization?: string | undefined;
}

class ForwardingDataSource extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<Context>): void {
    const { authorization } = context as Context;
    if (authorization !== undefined) request.http?.headers.set('authorization', authorization);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: composeGraph(readArgument() as Urls),
  buildService: ({ url }) => new ForwardingDataSource({ url: url ?? '' }),
  logger: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
});
const server = new ApolloServer<Context>({ gateway, includeStacktraceInErrorResponses: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
answerCpu(url);

function ignore(): void {
  // What it says while it loads would stand between the figures.
}
