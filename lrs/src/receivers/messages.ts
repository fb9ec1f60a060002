import type { ChildProcess } from 'node:child_process';

/** What receivers of one machine and the process that started them say to each other: Node's IPC, as JSON. */

/** To a receiver, with the socket: a client's connection. */
export interface Connection {
  readonly type: 'connection';
  readonly id: number;
}

/** Of a receiver, before it reads the first byte: the connection is its own. */
export interface Took {
  readonly type: 'took';
  readonly id: number;
}

/** Of a receiver: a connection that it had is closed. */
export interface Gone {
  readonly type: 'gone';
}

/** Of a receiver: it wants to know something of the others. */
export interface Asked {
  readonly type: 'ask';
  readonly question: string;
  /** Tells the asker's questions apart. */
  readonly id: number;
}

/** To a receiver: one of the others wants to know something. */
export interface Passed {
  readonly type: 'question';
  readonly question: string;
  readonly id: number;
}

/** Of a receiver: what it answers; absent where it has no answer. */
export interface Answered {
  readonly type: 'answer';
  readonly id: number;
  readonly answer?: unknown;
}

/** To the asker. */
export interface Collected {
  readonly type: 'answers';
  readonly id: number;
  readonly answers: readonly unknown[];
}

/** A receiver that was started here. */
export type Receiver = Pick<ChildProcess, 'connected' | 'send'>;

/** Whether a message is one of these. */
export function isOf<T extends { type: string }>(message: unknown, type: T['type']): message is T {
  return (Object(message) as { type?: unknown }).type === type;
}
