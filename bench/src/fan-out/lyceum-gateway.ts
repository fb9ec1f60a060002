import { composeSupergraph } from '@lyceum/schema';
import { benchGateway } from '../gateway/bench-gateway.ts';
import { answerCpu, readArgument } from '../gateway/child.ts';
import { sdl } from './ticks.ts';

// A process of its own: our gateway, with room for all of the subscribers, who come from one address here.

const { url } = readArgument() as { url: string };
const { server } = await benchGateway({
  supergraphSdl: composeSupergraph([{ name: 'ticks', url, sdl, file: 'bench/ticks.graphql' }]),
  liveLimits: { connectionsPerAddress: 1_000_000, connectionsPerUser: 1_000_000 },
});
answerCpu(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
