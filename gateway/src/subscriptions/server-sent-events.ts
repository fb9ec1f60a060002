import type { FormattedExecutionResult } from 'graphql';
import { resultText } from '../execution/result-text.ts';
import type { Framing, StreamFraming } from './http-stream.ts';

/**
 * GraphQL over server-sent events, distinct connections mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).
 */
export const serverSentEvents: Framing = {
  transport: 'event-stream',
  wantedBy: (accept) => accept.includes('text/event-stream'),
  contentType: 'text/event-stream; charset=utf-8',
  opening: '',
  result: (result) => `event: next\ndata: ${resultText(result)}\n\n`,
  failure: (errors) => serverSentEvents.result({ errors }),
  keepAlive: ':\n\n',
  closing: 'event: complete\ndata:\n\n',
};

/** Single connection mode: the stream outlives its operations, and says of which each event is. */
export const singleConnectionEvents: StreamFraming & OperationEvents = {
  contentType: serverSentEvents.contentType,
  // A proxy that waits for the first byte would keep the client waiting until the first event.
  opening: ':\n\n',
  keepAlive: ':\n\n',
  closing: '',
  next: (id: string, payload: FormattedExecutionResult) =>
    `event: next\ndata: {"id":${JSON.stringify(id)},"payload":${resultText(payload)}}\n\n`,
  complete: (id: string) => `event: complete\ndata: ${JSON.stringify({ id })}\n\n`,
};

interface OperationEvents {
  next(id: string, payload: FormattedExecutionResult): string;
  complete(id: string): string;
}
