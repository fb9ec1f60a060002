import { resultText } from '../execution/result-text.ts';
import type { Framing } from './http-stream.ts';

/**
 * The multipart protocol for subscriptions
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol), as Apollo's clients
 * speak it: a result is the `payload` of a part; an empty part keeps the connection alive; errors beside a null payload
 * say why the stream ends.
 *
 * A reader knows that a part is whole when it sees the boundary after it, so each part is written with that.
 *
 * @param wantedBy which boundary is the server's to choose; but some clients ask for theirs.
 */
function multipart(boundary: string, wantedBy: Framing['wantedBy']): Framing {
  const delimiter = `\r\n--${boundary}`;
  const part = (json: string) => `\r\ncontent-type: application/json\r\n\r\n${json}${delimiter}`;
  return {
    transport: 'multipart',
    wantedBy,
    contentType: `multipart/mixed;boundary="${boundary}";subscriptionSpec=1.0`,
    opening: delimiter + part('{}'),
    result: (payload) => part(`{"payload":${resultText(payload)}}`),
    failure: (errors) => part(JSON.stringify({ payload: null, errors })),
    keepAlive: part('{}'),
    closing: '--\r\n',
  };
}

export const multipartFramings: readonly Framing[] = [
  multipart('graphql', (accept) => subscriptionRanges(accept).some((range) => range.has('boundary=graphql'))),
  multipart('-', (accept) => subscriptionRanges(accept).length > 0),
];

/** The media ranges of an `accept` header that are of this protocol, as their parts, without quotes. */
function subscriptionRanges(accept: string): Set<string>[] {
  return accept
    .toLowerCase()
    .split(',')
    .map((range) => new Set(range.split(';').map((part) => part.replaceAll('"', '').trim())))
    .filter((range) => range.has('multipart/mixed') && range.has('subscriptionspec=1.0'));
}
