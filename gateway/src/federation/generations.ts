import type { GatewayInterface, GatewaySchemaLoadOrUpdateCallback } from '@apollo/server-gateway-interface';
import type { Logger, Metrics } from '@lyceum/service';
import type { GraphQLSchema } from 'graphql';
import type { Policies } from '../rights/asker.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import { loadGeneration, type ExecutionContext, type Generation } from './generation.ts';

/** The supergraph that is served now, and the way to the next one. */
export interface Generations {
  readonly current: Generation;
  /**
   * Loads the supergraph and serves it from now on; a faulty one is refused, and the current one goes on. Resolves when
   * every listener has moved to it.
   */
  replace(supergraphSdl: string): Promise<'replaced' | 'unchanged' | 'refused'>;
  /**
   * Calls `listener` after each swap, one after the other in the order in which they came, with pauses in which the
   * gateway goes on serving; answers how to stop that.
   */
  onSwap(listener: SwapListener): () => void;
  /** As Apollo Server wants it: an operation runs on the generation against whose schema it was validated. */
  asApolloGateway(): GatewayInterface;
}

/** Must not reject. */
export type SwapListener = (generation: Generation) => void | Promise<void>;

/** So many operations are planned for a new supergraph before it is served: what most clients send. */
const warmed = 200;

/** How long listeners may hold up everything else in one go. */
const sliceMs = 10;

/** @throws Error when the first supergraph cannot be loaded. */
export async function createGenerations(options: {
  supergraphSdl: string;
  subgraphs: Subgraphs;
  policies: Policies | undefined;
  logger: Logger;
  metrics: Metrics;
}): Promise<Generations> {
  const { subgraphs, policies, logger, metrics } = options;
  const load = (supergraphSdl: string) => loadGeneration({ supergraphSdl, subgraphs, policies, logger });
  const reloads = metrics.counter({
    name: 'lyceum_gateway_supergraph_reloads_total',
    help: 'Supergraphs offered to the running gateway, by what came of it.',
    labelNames: ['outcome'],
  });
  const bySchema = new WeakMap<GraphQLSchema, Generation>();
  const listeners = new Set<SwapListener>();
  let current = remember(await load(options.supergraphSdl));

  function remember(generation: Generation): Generation {
    bySchema.set(generation.schema, generation);
    return generation;
  }

  async function swap(supergraphSdl: string): Promise<'replaced' | 'refused'> {
    try {
      const next = await load(supergraphSdl);
      await next.warm(current.seen(warmed));
      current = remember(next);
    } catch (error) {
      logger.error({ err: error }, 'the new supergraph is refused; the current one goes on');
      return 'refused';
    }
    logger.info({ types: Object.keys(current.schema.getTypeMap()).length }, 'a new supergraph is served');
    await tell(current);
    return 'replaced';
  }

  async function tell(generation: Generation): Promise<void> {
    let began = performance.now();
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      await listener(generation);
      if (performance.now() - began < sliceMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (generation !== current) return;
      began = performance.now();
    }
  }

  const generations: Generations = {
    get current() {
      return current;
    },
    async replace(supergraphSdl) {
      const outcome = supergraphSdl === current.supergraphSdl ? 'unchanged' : await swap(supergraphSdl);
      reloads.inc({ outcome });
      return outcome;
    },
    onSwap(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    asApolloGateway: () => ({
      async load() {
        const executor = (context: ExecutionContext) =>
          (bySchema.get(context.schema) ?? current).execute(context);
        return {
          executor: executor as NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>,
        };
      },
      onSchemaLoadOrUpdate(callback) {
        announce(current, callback);
        return generations.onSwap((generation) => {
          announce(generation, callback);
        });
      },
      stop: async () => undefined,
    }),
  };
  return generations;
}

function announce({ schema, supergraphSdl }: Generation, callback: GatewaySchemaLoadOrUpdateCallback): void {
  callback({ apiSchema: schema, coreSupergraphSdl: supergraphSdl });
}
