import { parseEnvironment } from '@lyceum/service';
import { z } from 'zod';

const shape = {
  /** The graph of the system that the demo courses are loaded into. */
  GRAPHQL_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:4000/graphql'),
};

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  return parseEnvironment(shape, source);
}
