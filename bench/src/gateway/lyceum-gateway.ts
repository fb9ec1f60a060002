import { createGateway } from '@lyceum/gateway';
import { createLogger, developmentGatewaySecret, heldPermissions, type Viewer } from '@lyceum/service';
import { composeGraph, type Urls } from './graph.ts';
import { answerCpu, readArgument } from './child.ts';

// A process of its own: our gateway. The token is taken as verified, as one is after its first request.
const viewer: Viewer = {
  userId: 'user',
  organisationId: 'organisation',
  roles: ['LEARNER'],
  ...heldPermissions({ roles: ['LEARNER'] }),
  sessionId: 'session',
  scopes: [],
  expiresAt: new Date(Date.now() + 3_600_000),
};

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
