import type { Acceptance, AcceptanceRequest } from './accept-statements.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import { readMediaType } from './media-type.ts';
import { readBody, type BodyLimits } from './read-body.ts';
import { readStatements, type SentStatements } from './read-statements.ts';
import { requireWriting } from './scopes.ts';
import { readStatementsRequest } from './statement-parameters.ts';
import type { MultipartWriting } from './write-multipart.ts';
import { refusals } from './xapi-error.ts';

/** The resource /xapi/statements (Communication 2.1). */
export interface StatementsResource {
  readonly post: (exchange: XapiExchange) => Promise<Answer>;
  readonly put: (exchange: XapiExchange) => Promise<Answer>;
  readonly get: (exchange: XapiExchange) => Promise<Answer>;
}

/** What more a method asks of a body; answers the id that the address gives the statement. */
type Check = (sent: SentStatements) => string | undefined;

export interface StatementsOptions {
  readonly acceptance: Acceptance;
  readonly body: BodyLimits;
  readonly get: StatementsResource['get'];
  readonly multipart: MultipartWriting;
  readonly onAccepted: (count: number) => void;
}

export function createStatementsResource(o: StatementsOptions): StatementsResource {
  /** Not async: nothing that was parsed is held while the log writes. */
  function accept(bytes: Buffer, exchange: XapiExchange, check: Check): Promise<string[]> {
    const sent = readStatements(bytes, exchange.edition);
    const id = check(sent);
    return o.acceptance.accept(sent.statements, requestOf(bytes, exchange, id));
  }

  /** Reads, checks, stamps, appends; the body's memory is given back with the answer. */
  async function write(
    exchange: XapiExchange,
    answer: (ids: string[]) => Answer,
    check: Check = () => undefined,
  ): Promise<Answer> {
    requireWriting(exchange.credential);
    const boundary = requireType(exchange.request.headers['content-type']);
    if (boundary !== undefined) {
      const ids = await o.multipart.write(exchange, boundary, check);
      o.onAccepted(ids.length);
      return answer(ids);
    }
    const body = await readBody(exchange.request, o.body);
    try {
      const ids = await accept(body.bytes, exchange, check);
      o.onAccepted(ids.length);
      return answer(ids);
    } finally {
      body.release();
    }
  }

  return {
    post: (exchange) => {
      refuseParameters(exchange);
      return write(exchange, (ids) => ({ status: 200, body: JSON.stringify(ids) }));
    },
    put: (exchange) => {
      const id = readPutId(exchange);
      return write(
        exchange,
        () => ({ status: 204 }),
        (sent) => requireSameId(sent, id),
      );
    },
    get: o.get,
  };
}

/** On its own, so that `again` holds the bytes and not what was parsed of them. */
function requestOf(bytes: Buffer, exchange: XapiExchange, id: string | undefined): AcceptanceRequest {
  const { credential, edition, requestId } = exchange;
  const again = () => readStatements(bytes, edition).statements;
  return { credential, edition, requestId, again, ...(id !== undefined && { id }) };
}

/** The boundary of a body in parts; undefined for JSON alone. */
function requireType(header: string | undefined): string | undefined {
  const { essence, boundary } = readMediaType(header);
  if (essence === 'application/json') return undefined;
  if (essence !== 'multipart/mixed') throw refusals.contentType(header ?? 'none');
  if (boundary === undefined) throw refusals.boundary();
  return boundary;
}

function refuseParameters({ parameters }: XapiExchange): void {
  const [name] = parameters.keys();
  if (name !== undefined) throw refusals.parameter(name, 'does not go with POST');
}

function readPutId({ parameters }: XapiExchange): string {
  const other = [...parameters.keys()].find((name) => name !== 'statementId');
  if (other !== undefined) throw refusals.parameter(other, 'does not go with PUT');
  const request = readStatementsRequest(parameters);
  if (!('statementId' in request) || request.voided) throw refusals.parameter('statementId', 'is missing');
  return request.statementId;
}

function requireSameId({ isArray, statements }: SentStatements, id: string): string {
  if (isArray)
    throw refusals.invalid([
      { path: '', reason: 'must be one statement, not an array', spec: 'Communication 2.1.1' },
    ]);
  const own = statements[0]?.statement.id?.toLowerCase() ?? id;
  if (own !== id)
    throw refusals.invalid([
      { path: 'id', reason: 'must be the statementId of the address', spec: 'Communication 2.1.1' },
    ]);
  return id;
}
