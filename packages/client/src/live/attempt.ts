import type { DocumentNode } from 'graphql';
import type { Client, FormattedExecutionResult } from 'graphql-ws';
import type { GraphQLFault } from '../errors.ts';
import { operationOf } from '../operation.ts';
import type { Answer } from '../requests/post.ts';
import { endingByErrors, endingBySocket, type Ending } from './ending.ts';

/** A subscription over one socket, until either ends. */
export interface Attempt {
  readonly over: Promise<Ending>;
  leave(): void;
}

/** How soon after a refusal the end comes, which makes it one. */
const refusalMs = 300;

/** @param options.event is not called any more after `over` or `leave` */
export function attempt<Data>(options: {
  client: Client;
  document: DocumentNode;
  variables: Record<string, unknown>;
  event: (answer: Answer<Data>) => void;
}): Attempt {
  const { client, document, variables, event } = options;
  let held: Answer<Data> | undefined;
  let left = false;
  let unsubscribe: () => void = () => undefined;

  /** A refusal is an event without data, and then the end: the last one may be the reason. */
  function release(): void {
    if (held && !left) event(held);
    held = undefined;
  }

  const over = new Promise<Ending>((resolve) => {
    unsubscribe = client.subscribe<Data>(
      { ...operationOf(document), variables },
      {
        next(result) {
          release();
          const answer = result as Answer<Data> & FormattedExecutionResult<Data>;
          if (isWithoutData(answer)) holdBriefly(answer);
          else if (!left) event(answer);
        },
        error(reason) {
          resolve(Array.isArray(reason) ? endingByErrors(reason as GraphQLFault[]) : endingBySocket(reason));
        },
        complete() {
          resolve(held?.errors ? endingByErrors(held.errors) : { how: 'complete' });
        },
      },
    );
  });

  function holdBriefly(answer: Answer<Data>): void {
    held = answer;
    // Of these, only the end can follow; of any other an event that could not be completed may be all there is to it.
    if (endingByErrors(answer.errors ?? []).how !== 'error') return;
    setTimeout(() => {
      if (held === answer) release();
    }, refusalMs);
  }

  return {
    over,
    leave() {
      left = true;
      unsubscribe();
    },
  };
}

function isWithoutData({ data, errors }: Answer<unknown>): boolean {
  return data == null && errors !== undefined && errors.length > 0;
}
