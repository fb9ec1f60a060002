import { UnavailableError } from '../query/unavailable-error.ts';
import type { BoundedReads } from './bounded-reads.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import { requireKnown } from './known-parameters.ts';
import { requireReadingAll } from './scopes.ts';
import { refusals } from './xapi-error.ts';

export type OnUnread = (error: UnavailableError) => void;

export interface ReadOnlyOptions {
  /** Resolves once ClickHouse has what was accepted before, or after a while: clients read what they wrote. */
  readonly untilIngested: () => Promise<void>;
  readonly reads: BoundedReads;
  readonly onUnread: OnUnread;
}

/** GET of a resource that has one parameter, and is read from ClickHouse. @throws XapiError 400, 403, 503 */
export function readOnly(
  parameter: string,
  { untilIngested, reads, onUnread }: ReadOnlyOptions,
  read: (value: string, exchange: XapiExchange) => Promise<string>,
): (exchange: XapiExchange) => Promise<Answer> {
  return async (exchange) => {
    requireReadingAll(exchange.credential);
    const value = readParameter(exchange.parameters, parameter);
    try {
      const body = await reads.run(async () => {
        await untilIngested();
        return read(value, exchange);
      });
      return { status: 200, body };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      onUnread(error);
      throw refusals.unreadable(error.what);
    }
  };
}

function readParameter(parameters: URLSearchParams, name: string): string {
  requireKnown(parameters, [name]);
  const value = parameters.get(name);
  if (value === null) throw refusals.parameter(name, 'is missing');
  return value;
}
