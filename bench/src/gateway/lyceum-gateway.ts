import { createGateway } from '@lyceum/gateway';
import { createLogger, developmentGatewaySecret } from '@lyceum/service';
import { composeGraph, type Urls } from './graph.ts';
import { answerCpu, readArgument } from './child.ts';
import { viewer } from './viewer.ts';

// A process of its own: our gateway.

const { server } = await createGateway({
  supergraphSdl: composeGraph(readArgument() as Urls),
  subgraphAddresses: {},
  subgraphTimeoutMs: 10_000,
  verifier: { verify: async () => viewer },
  limits: { depth: 15, cost: 10_000_000, tokens: 5_000 },
  introspection: true,
  production: true,
  gatewaySecret: developmentGatewaySecret,
  subscriberCapacity: 1_000,
  patience: { attempts: 10, firstPauseMs: 200, longestPauseMs: 5_000 },
  logger: createLogger({ service: 'gateway', level: 'error' }),
});
answerCpu(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
