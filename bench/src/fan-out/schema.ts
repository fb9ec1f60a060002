import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { sdl, startTicking, type Tick } from './ticks.ts';

type Listener = (tick: Tick) => void;

/** The schema of the ticks, of which each subscriber hears those of its topic. */
export function ticking(topics: number): GraphQLSchema {
  const listeners = Array.from({ length: topics }, () => new Set<Listener>());
  startTicking(topics, (tick) => {
    for (const listener of listeners[tick.topic] ?? []) listener(tick);
  });
  const resolvers = {
    Query: { topics: () => topics },
    Subscription: {
      tick: { subscribe: (_: unknown, { topic }: { topic: number }) => ticksOf(listeners[topic]) },
    },
  };
  return buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers });
}

/** Nothing waits here for long: a listener that is called has its reader waiting. */
function ticksOf(listeners = new Set<Listener>()): AsyncIterableIterator<{ tick: Tick }> {
  const waiting: Tick[] = [];
  let wake: (() => void) | undefined;
  const listener = (tick: Tick) => {
    waiting.push(tick);
    wake?.();
  };
  listeners.add(listener);
  const ended = (): Promise<IteratorResult<{ tick: Tick }>> => {
    listeners.delete(listener);
    return Promise.resolve({ done: true, value: undefined });
  };
  return {
    async next() {
      for (;;) {
        const tick = waiting.shift();
        if (tick !== undefined) return { done: false, value: { tick } };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    return: ended,
    throw: ended,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
