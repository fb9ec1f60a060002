import { Kind, type DocumentNode } from 'graphql';
import { RequestFailed, SessionEnded, type GraphQLFault } from '../errors.ts';
import type { Answer } from '../requests/post.ts';
import type { Session } from '../session/session.ts';
import { attempt, type Attempt } from './attempt.ts';
import type { Ending } from './ending.ts';
import type { LiveSocket } from './live-socket.ts';
import { createPlace } from './resumption.ts';

/** Something may have been missed: whatever is shown is asked for anew. */
export interface Gap {
  readonly operationName: string | undefined;
  /**
   * `NOT_RESUMABLE`: the operation tells states, or asks for no cursor. `NO_CURSOR`: no event had come yet to go on behind.
   * `TOO_LATE`: it was away for longer than the log keeps events.
   */
  readonly reason: 'NOT_RESUMABLE' | 'NO_CURSOR' | 'TOO_LATE';
}

/** What becomes of a subscription. After `error` or `complete` nothing comes. */
export interface LiveSink<Data> {
  next(answer: Answer<Data>): void;
  /** It goes on from now. Told once the graph was asked for it again. */
  gap?(gap: Gap): void;
  /** RequestFailed with the graph's own reason, or SessionEnded. */
  error?(error: Error): void;
  complete?(): void;
}

export interface SubscribeOptions<Data> {
  readonly socket: LiveSocket;
  readonly session: Session;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly sink: LiveSink<Data>;
  /** Told beside the sink. */
  readonly onGap: (gap: Gap) => void;
}

/** Refusals of a token in a row, without an event between, after which there is no sense in another one. */
const mostRefusals = 3;

/**
 * Subscribes for good: over lost sockets, restarts of the gateway and tokens that end, each event once and, where the
 * operation can be resumed, none missing. It ends when it is left, completed, refused, or who is logged in changes.
 *
 * @returns how to leave
 */
export function subscribe<Data>(options: SubscribeOptions<Data>): () => void {
  const { socket, session, document, sink } = options;
  const place = createPlace(document, options.variables);
  const who = keyOf(session);
  let running: Attempt | undefined;
  let over = false;
  let refusals = 0;
  let missed: Gap['reason'] | undefined;
  const release = socket.use();
  const isOver = () => over;
  const unwatch = session.state.onChange(() => {
    if (keyOf(session) !== who) finish(new SessionEnded('Who is logged in has changed.'));
  });

  function leave(): void {
    if (over) return;
    over = true;
    unwatch();
    running?.leave();
    release();
  }

  function finish(error?: Error): void {
    if (over) return;
    leave();
    if (error) sink.error?.(error);
    else sink.complete?.();
  }

  function event(answer: Answer<Data>): void {
    if (over) return;
    refusals = 0;
    sink.next(answer);
    // Only what was taken is behind us.
    place.took(answer.data);
  }

  function begin(): Attempt {
    const variables = { ...place.variables() };
    const begun = attempt<Data>({ client: socket.client, document, variables, event });
    if (missed !== undefined)
      void socket.sent().then(() => {
        if (running === begun) tellGap();
      });
    return begun;
  }

  function tellGap(): void {
    if (over || missed === undefined) return;
    const gap = { operationName: nameOf(document), reason: missed };
    missed = undefined;
    sink.gap?.(gap);
    options.onGap(gap);
  }

  /** Prepares for another attempt, or ends it all. */
  async function prepare(ending: Ending): Promise<void> {
    if (ending.how === 'complete') finish();
    else if (ending.how === 'error') finish(new RequestFailed(ending.errors));
    else if (ending.how === 'too-late') {
      place.forget();
      missed = 'TOO_LATE';
    } else {
      missed ??= place.missed();
      if (ending.renew) await renew(ending.errors);
      else if (ending.errors.length > 0) socket.pause();
    }
  }

  async function renew(errors: readonly GraphQLFault[]): Promise<void> {
    refusals += 1;
    if (who === undefined) finish(new RequestFailed(errors));
    else if (refusals > mostRefusals) finish(new SessionEnded('The gateway refuses every token.'));
    else await session.tokenInsteadOf(socket.shownToken()).catch(endIfEnded);
  }

  /** Only identity's refusal is an end; whatever else it was is tried again. */
  function endIfEnded(error: unknown): void {
    if (error instanceof SessionEnded) finish(error);
  }

  async function run(): Promise<void> {
    while (!isOver()) {
      await socket.turn();
      if (isOver()) return;
      running = begin();
      const ending = await running.over;
      if (!isOver()) await prepare(ending);
    }
  }

  void run();
  return leave;
}

function keyOf({ state }: Session): string | undefined {
  const now = state.current();
  return now.status === 'logged-in' ? now.key : undefined;
}

function nameOf({ definitions }: DocumentNode): string | undefined {
  for (const definition of definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) return definition.name?.value;
  return undefined;
}
