import { createGateway } from '@lyceum/gateway';
import { composeSupergraph } from '@lyceum/schema';
import { createLogger, developmentGatewaySecret } from '@lyceum/service';
import { answerCpu, readArgument } from '../gateway/child.ts';
import { viewer } from '../gateway/viewer.ts';
import { sdl } from './ticks.ts';

// A process of its own: our gateway, with room for all of the subscribers, who come from one address here.

const { url } = readArgument() as { url: string };
const { server } = await createGateway({
  supergraphSdl: composeSupergraph([{ name: 'ticks', url, sdl, file: 'bench/ticks.graphql' }]),
  subgraphAddresses: {},
  subgraphTimeoutMs: 10_000,
  verifier: { verify: async () => viewer },
  limits: { depth: 15, cost: 10_000_000, tokens: 5_000 },
  liveLimits: { connectionsPerAddress: 1_000_000, connectionsPerUser: 1_000_000 },
  introspection: true,
  production: true,
  gatewaySecret: developmentGatewaySecret,
  subscriberCapacity: 1_000,
  patience: { attempts: 10, firstPauseMs: 200, longestPauseMs: 5_000 },
  logger: createLogger({ service: 'gateway', level: 'error' }),
});
answerCpu(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
