import { GraphQLError } from 'graphql';
import { startSubgraph, type TestSubgraph } from './subgraph.ts';
import { createTopic } from './topic.ts';

interface Entry {
  readonly number: number;
}

/** A log of numbered entries, which is subscribed to from any of them on, as far as it has not been dropped. */
export interface Journal {
  readonly subgraph: TestSubgraph;
  /** Adds entries, numbered on. */
  add(count?: number): void;
  /** The cursor of the last one. */
  last(): string;
  /** Forgets all that it has. */
  drop(): void;
}

export async function startJournal(): Promise<Journal> {
  const added = createTopic<Entry>();
  const entries: Entry[] = [];
  let dropped = 0;

  /** Not a generator function, so that leaving ends it although no entry comes. */
  function after(cursor: string | null | undefined) {
    let last = cursor == null ? dropped + entries.length : Number(cursor);
    if (last < dropped)
      throw new GraphQLError('The log has dropped that.', { extensions: { code: 'CURSOR_EXPIRED' } });
    const live = added.iterate();
    const missed = entries.filter(({ number }) => number > last);
    return {
      async next(): Promise<IteratorResult<Entry>> {
        for (;;) {
          const first = missed.shift();
          const result = first ? { done: false as const, value: first } : await live.next();
          if (!result.done && result.value.number <= last) continue;
          if (!result.done) last = result.value.number;
          return result;
        }
      },
      return: () => live.return!(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  const subgraph = await startSubgraph({
    name: 'journal',
    sdl: `
      type Query { entries: [Entry!]! }
      type Subscription { entryAdded(after: String): EntryAdded!  lastEntry: Entry! }
      type EntryAdded { cursor: String!  entry: Entry! }
      type Entry @key(fields: "id") { id: ID!  number: Int! }
    `,
    resolvers: {
      Query: { entries: () => entries },
      Entry: { id: ({ number }: Entry) => `entry-${number}` },
      Subscription: {
        entryAdded: {
          subscribe: (_: unknown, { after: cursor }: { after?: string | null }) => after(cursor),
          resolve: (entry: Entry) => ({ cursor: String(entry.number), entry }),
        },
        lastEntry: { subscribe: () => added.iterate(), resolve: (entry: Entry) => entry },
      },
    },
  });

  return {
    subgraph,
    add(count = 1) {
      for (let each = 0; each < count; each += 1) {
        const entry = { number: dropped + entries.length + 1 };
        entries.push(entry);
        added.publish(entry);
      }
    },
    last: () => String(dropped + entries.length),
    drop() {
      dropped += entries.length;
      entries.length = 0;
    },
  };
}
