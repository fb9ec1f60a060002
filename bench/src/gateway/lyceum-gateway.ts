import { benchGateway } from './bench-gateway.ts';
import { answerCpu, readArgument } from './child.ts';
import { composeGraph, type Urls } from './graph.ts';

// A process of its own: our gateway.

const { server } = await benchGateway({ supergraphSdl: composeGraph(readArgument() as Urls) });
answerCpu(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
