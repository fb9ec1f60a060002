import { createGateway, type GatewayOptions } from '@lyceum/gateway';
import { createLogger, developmentGatewaySecret } from '@lyceum/service';
import { viewer } from './viewer.ts';

/** Our gateway as it is in production; limits are out of the way of what is measured. */
export const benchGateway = (
  options: Pick<GatewayOptions, 'supergraphSdl'> & Partial<GatewayOptions>,
): ReturnType<typeof createGateway> =>
  createGateway({
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
    ...options,
  });
