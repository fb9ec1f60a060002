import { ApolloGateway, type GraphQLDataSource, type ServiceEndpointDefinition } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import type { Logger } from '@lyceum/service';
import { parse, print, type DocumentNode, type GraphQLSchema } from 'graphql';
import { rememberCosts } from '../cost/schema-costs.ts';
import { withoutTakenNames, type RenamedDocument } from '../planner/client-names.ts';
import { federatedNames } from '../planner/federated-names.ts';
import { mendedPlanner } from '../planner/mended-planner.ts';
import { withResolvableKeysFirst } from '../planner/resolvable-keys.ts';
import { rightsInSdl } from '../rights/rights-in-sdl.ts';

/** A supergraph that operations can be planned on. */
export interface LoadedSupergraph {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** The supergraph's own, with what is inaccessible to clients. */
  readonly supergraphSchema: GraphQLSchema;
  /** As it was read, with its directives. */
  readonly whole: DocumentNode;
  readonly rights: ReturnType<typeof rightsInSdl>;
  /** Names that fetches use themselves. */
  readonly taken: ReadonlySet<string>;
  /** The document with other response names in place of those; undefined where it has none of them. */
  renamed(document: DocumentNode): RenamedDocument | undefined;
  /** @throws GraphQLError where it can't be planned. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan;
}

/**
 * Loads a supergraph. Of @apollo/gateway the loading and the planner are used, not the executor.
 *
 * @param options.onSubgraph told of each that the supergraph names
 * @throws Error when it is not a supergraph, or one that the query planner cannot use.
 */
export async function loadSupergraph(options: {
  supergraphSdl: string;
  logger: Logger;
  onSubgraph?: (definition: ServiceEndpointDefinition) => void;
}): Promise<LoadedSupergraph> {
  const { supergraphSdl, logger, onSubgraph } = options;
  const whole = parse(supergraphSdl, { noLocation: true });
  const rights = rightsInSdl(whole);
  const sdl = rights.stripped;
  const taken = federatedNames(sdl);
  let schema: GraphQLSchema | undefined;
  disableTelemetry();
  const gateway = new ApolloGateway({
    supergraphSdl: print(withResolvableKeysFirst(sdl)),
    logger: quiet(logger),
    buildService: (definition) => {
      onSubgraph?.(definition);
      return neverAsked;
    },
    __exposeQueryPlanExperimental: false,
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  await gateway.load();
  if (!schema) throw new Error('The supergraph has no schema');
  const planner = mendedPlanner(gateway);
  rememberCosts(schema, whole);
  const renamed = createRenaming(taken);
  return {
    schema,
    supergraphSchema: planner.supergraphSchema,
    whole,
    rights,
    taken,
    renamed,
    plan: (document, operationName) => planner.plan(renamed(document)?.document ?? document, operationName),
  };
}

/** The gateway wants data sources, which only its executor would ask. */
const neverAsked: GraphQLDataSource = {
  process() {
    throw new Error('The executor of @apollo/gateway is not used');
  },
};

/** Looked for once in each document, which Apollo Server keeps as long as it keeps its text. */
function createRenaming(taken: ReadonlySet<string>) {
  const known = new WeakMap<DocumentNode, RenamedDocument | { readonly none: true }>();
  return (document: DocumentNode): RenamedDocument | undefined => {
    const renamed = known.get(document) ?? withoutTakenNames(document, taken) ?? { none: true };
    known.set(document, renamed);
    return 'none' in renamed ? undefined : renamed;
  };
}

/** The gateway reads this variable when it is constructed, and reports usage to its vendor unless it is set. */
function disableTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
}

/** What the gateway says at level info, on several lines, is said once by `createGenerations`. */
function quiet(logger: Logger) {
  return {
    debug: (message?: unknown) => {
      logger.trace(message);
    },
    info: (message?: unknown) => {
      logger.debug(message);
    },
    warn: (message?: unknown) => {
      logger.warn(message);
    },
    error: (message?: unknown) => {
      logger.error(message);
    },
  };
}
