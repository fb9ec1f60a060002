import { agentKey } from '@lyceum/xapi';
import { decodeMore, encodeMore, type FilteredPage } from '../query/more-cursor.ts';
import type { FoundPage, StatementReader } from '../query/select-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { StatementIds } from '../ids/statement-ids.ts';
import type { Acceptance, AcceptanceRequest } from './accept-statements.ts';
import { authorityOf } from './authority.ts';
import type { ConsistentThrough } from './consistent-through.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import { readMediaType } from './media-type.ts';
import type { MultipartAnswers } from './multipart-answer.ts';
import { readBody, type BodyLimits } from './read-body.ts';
import { selectAtOnce } from './select-at-once.ts';
import { readStatements, type SentStatements } from './read-statements.ts';
import { requireReading, requireWriting } from './scopes.ts';
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
  readonly ids: Pick<StatementIds, 'selectOptional'>;
  readonly reader: StatementReader;
  readonly consistentThrough: ConsistentThrough;
  readonly body: BodyLimits;
  readonly multipart: MultipartWriting & MultipartAnswers;
  readonly publicUrl: string;
  readonly onAccepted: (count: number) => void;
  readonly onUnread: (error: UnavailableError) => void;
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

  async function many(page: FilteredPage, exchange: XapiExchange): Promise<Answer> {
    const { organisationId } = exchange.credential;
    const through = await o.consistentThrough(organisationId);
    const filter = { ...page.filter, ...mine(exchange) };
    const found = await o.reader.selectPage({ ...page, organisationId, filter });
    const answer = {
      status: 200,
      body: pageText(found, page, wantsAttachments(exchange)),
      headers: { 'x-experience-api-consistent-through': through },
    };
    return attach(
      answer,
      found.statements.map(({ text }) => text),
      exchange,
    );
  }

  async function one(statementId: string, exchange: XapiExchange): Promise<Answer> {
    const { organisationId } = exchange.credential;
    const through = await o.consistentThrough(organisationId).catch(unlessUnavailable);
    const { authority } = mine(exchange);
    const statement = await selectAtOnce({ ...o, organisationId, id: statementId, authority });
    if (statement === null) throw refusals.noStatement(statementId);
    const answer = {
      status: 200,
      body: statement.text,
      headers: {
        'last-modified': new Date(`${statement.stored.replace(' ', 'T')}Z`).toUTCString(),
        'x-experience-api-consistent-through': through,
      },
    };
    return attach(answer, [statement.text], exchange);
  }

  /** The same answer, with the attachments of its statements if they were asked for. */
  async function attach(
    answer: Answer & { body: string },
    texts: readonly string[],
    exchange: XapiExchange,
  ): Promise<Answer> {
    if (!wantsAttachments(exchange)) return answer;
    return o.multipart.attach(answer, texts, exchange.credential.organisationId);
  }

  function read(exchange: XapiExchange): Promise<Answer> {
    const more = exchange.parameters.get('more');
    if (more !== null) return many(readMore(more), exchange);
    const asked = readStatementsRequest(exchange.parameters);
    return 'statementId' in asked ? one(asked.statementId, exchange) : many(asked, exchange);
  }

  /** What a key with the scope statements/read/mine may see. */
  function mine({ credential }: XapiExchange): { authority?: string } {
    if (requireReading(credential) === 'all') return {};
    return { authority: agentKey(authorityOf(o.publicUrl, credential)) ?? '' };
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
    async get(exchange) {
      requireReading(exchange.credential);
      try {
        return await read(exchange);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        o.onUnread(error);
        throw refusals.unreadable(error.what);
      }
    },
  };
}

/** On its own, so that `again` holds the bytes and not what was parsed of them. */
function requestOf(bytes: Buffer, exchange: XapiExchange, id: string | undefined): AcceptanceRequest {
  const { credential, edition, requestId } = exchange;
  const again = () => readStatements(bytes, edition).statements;
  return { credential, edition, requestId, again, ...(id !== undefined && { id }) };
}

/** `more` leads on with attachments where this page had them. */
function pageText(
  { statements, further }: FoundPage,
  { filter, limit }: FilteredPage,
  withAttachments: boolean,
): string {
  const last = further ? statements.at(-1) : undefined;
  const more = last && encodeMore({ filter, limit, after: { stored: last.stored, id: last.id } });
  const list = statements.map(({ text }) => text).join(',');
  return `{"statements":[${list}],"more":"${more === undefined ? '' : `/xapi/statements?more=${more}${withAttachments ? '&attachments=true' : ''}`}"}`;
}

/** While ClickHouse does not answer, it promises nothing; a statement by its id may be there nonetheless. */
function unlessUnavailable(error: unknown): string {
  if (error instanceof UnavailableError) return '1970-01-01T00:00:00.000Z';
  throw error;
}

function readMore(encoded: string): FilteredPage {
  const cursor = decodeMore(encoded);
  if (cursor === null) throw refusals.parameter('more', 'was not made by this store');
  return cursor;
}

function wantsAttachments({ parameters }: XapiExchange): boolean {
  return parameters.get('attachments') === 'true';
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
  if (!('statementId' in request)) throw refusals.parameter('statementId', 'is missing');
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
