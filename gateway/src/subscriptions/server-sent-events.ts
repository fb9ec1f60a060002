import type { Framing } from './http-stream.ts';

/**
 * GraphQL over server-sent events, distinct connections mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).
 */
export const serverSentEvents: Framing = {
  wantedBy: (accept) => accept.includes('text/event-stream'),
  contentType: 'text/event-stream; charset=utf-8',
  opening: '',
  result: (result) => `event: next\ndata: ${JSON.stringify(result)}\n\n`,
  failure: (errors) => serverSentEvents.result({ errors }),
  keepAlive: ':\n\n',
  closing: 'event: complete\ndata:\n\n',
};
