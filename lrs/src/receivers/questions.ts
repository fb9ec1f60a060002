import { isOf, type Answered, type Asked, type Receiver } from './messages.ts';

/**
 * What receivers of one machine ask each other, through the process that started them: no receiver knows how many there
 * are, and each answers for itself.
 */
export interface Questions {
  /** From now on the receiver is asked. */
  add(receiver: Receiver): void;
  /** It is gone: nobody waits for it any more. */
  remove(receiver: Receiver): void;
  /** Call it with all that a receiver says. */
  hear(from: Receiver, message: unknown): void;
}

/** Who has not answered after so long is busy or about to be gone: the others' answers are given without. */
const patienceMs = 500;

interface Open {
  readonly waiting: Set<Receiver>;
  readonly answers: unknown[];
  readonly close: () => void;
}

export function createQuestions(): Questions {
  const receivers = new Set<Receiver>();
  const open = new Map<number, Open>();
  let asked = 0;

  function pass(from: Receiver, { question, id }: Asked): void {
    const passed = (asked += 1);
    const waiting = new Set([...receivers].filter((each) => each !== from && each.connected));
    const answers: unknown[] = [];
    const close = () => {
      clearTimeout(timer);
      open.delete(passed);
      if (from.connected) from.send({ type: 'answers', id, answers }, () => undefined);
    };
    const timer = setTimeout(close, patienceMs).unref();
    open.set(passed, { waiting, answers, close });
    for (const each of waiting) each.send({ type: 'question', question, id: passed }, () => undefined);
    closeIfAll(passed);
  }

  function take(from: Receiver, { id, answer }: Answered): void {
    const found = open.get(id);
    if (found?.waiting.delete(from) !== true) return;
    if (answer !== undefined) found.answers.push(answer);
    closeIfAll(id);
  }

  function closeIfAll(id: number): void {
    const found = open.get(id);
    if (found?.waiting.size === 0) found.close();
  }

  return {
    add: (receiver) => receivers.add(receiver),
    remove(receiver) {
      receivers.delete(receiver);
      for (const [id, { waiting }] of open) if (waiting.delete(receiver)) closeIfAll(id);
    },
    hear(from, message) {
      if (isOf<Asked>(message, 'ask')) pass(from, message);
      else if (isOf<Answered>(message, 'answer')) take(from, message);
    },
  };
}
