import { commonEnvironment, parseEnvironment } from '@lyceum/service';
import { z } from 'zod';

const shape = {
  PUBLIC_URL: commonEnvironment.PUBLIC_URL,
  /** The graph; below PUBLIC_URL unless set. */
  GRAPHQL_URL: z.url({ protocol: /^https?$/ }).optional(),
  LRS_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:4100'),
  LRS_KEY: z.string().default('demo'),
  LRS_SECRET: z.string().default('lyceum-demo'),
  ADMIN_EMAIL: z.string().default('admin@lyceum.example'),
  AUTHOR_EMAIL: z.string().default('author@lyceum.example'),
  /** Of both accounts, and of every learner that is created. */
  PASSWORD: z.string().default('lyceum-demo'),
};

export type SimulationEnvironment = ReturnType<typeof readEnv>;

/** @throws EnvironmentError that names every faulty variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  const env = parseEnvironment(shape, source);
  return { ...env, GRAPHQL_URL: env.GRAPHQL_URL ?? `${env.PUBLIC_URL}/graphql` };
}
