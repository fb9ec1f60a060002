import { Socket } from 'node:net';
import {
  isOf,
  type Answered,
  type Asked,
  type Collected,
  type Connection,
  type Gone,
  type Passed,
  type Took,
} from '../receivers/messages.ts';

/** The receivers that one process of this machine started, as one of them sees the others. */
export interface Siblings {
  /** Which of them this is, from 1 on. */
  readonly number: number;
  /** What the others answer, of those that answer at once. */
  ask(question: string): Promise<readonly unknown[]>;
  /** Answers questions of the others from now on. */
  answer(question: string, answer: () => unknown): void;
  /** Where the connections go that clients make. */
  takeConnections(take: (socket: Socket) => void): void;
}

/** The parent of receivers sets it for each. */
export const receiverVariable = 'LYCEUM_RECEIVER';

/** The parent may be gone; then this process ends as well. */
const patienceMs = 2_000;

/** @param number of LYCEUM_RECEIVER; undefined for a receiver that was started by itself and has none */
export function createSiblings(number: number | undefined): Siblings | undefined {
  if (number === undefined || process.send === undefined) return undefined;
  const answers = new Map<string, () => unknown>();
  const waiting = new Map<number, (answers: readonly unknown[]) => void>();
  let asked = 0;

  async function reply({ question, id }: Passed): Promise<void> {
    const answer = await Promise.resolve()
      .then(() => answers.get(question)?.())
      .catch(() => undefined);
    tell({ type: 'answer', id, answer });
  }

  process.on('message', (message) => {
    if (isOf<Passed>(message, 'question')) void reply(message);
    if (isOf<Collected>(message, 'answers')) waiting.get(message.id)?.(message.answers);
  });

  return {
    number,
    ask: (question) =>
      new Promise((resolve) => {
        const id = (asked += 1);
        const settle = (found: readonly unknown[]) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(found);
        };
        const timer = setTimeout(settle, patienceMs, []).unref();
        waiting.set(id, settle);
        tell({ type: 'ask', question, id });
      }),
    answer(question, answer) {
      answers.set(question, answer);
    },
    takeConnections(take) {
      process.on('message', (message, socket) => {
        if (isOf<Connection>(message, 'connection')) takeConnection(message, socket, take);
      });
    },
  };
}

/** Nothing is read before the parent can know who reads: else it might give what is half read to another. */
function takeConnection({ id }: Connection, socket: unknown, take: (socket: Socket) => void): void {
  // Its client may be gone already.
  if (!(socket instanceof Socket)) {
    tell({ type: 'took', id });
    tell({ type: 'gone' });
    return;
  }
  socket.once('close', () => {
    tell({ type: 'gone' });
  });
  tell({ type: 'took', id }, () => {
    take(socket);
  });
}

function tell(message: Asked | Answered | Took | Gone, told: () => void = () => undefined): void {
  process.send?.(message, undefined, undefined, told);
}
