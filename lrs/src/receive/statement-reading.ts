import { setTimeout as delay } from 'node:timers/promises';
import {
  activityIdsOf,
  agentKey,
  canonicalFormat,
  exactFormat,
  idsFormat,
  languageChooser,
} from '@lyceum/xapi';
import type { StatementIds } from '../ids/statement-ids.ts';
import type { DefinitionReader } from '../query/definition-reader.ts';
import type { FilteredPage, MoreCursors } from '../query/more-cursor.ts';
import type { FoundStatement, StatementReader } from '../query/select-statements.ts';
import { instantOfStored } from '../query/stored.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { authorityOf } from './authority.ts';
import type { BoundedReads } from './bounded-reads.ts';
import { never, type ConsistentThrough } from './consistent-through.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import type { MultipartAnswers } from './multipart-answer.ts';
import { holdUntilSent } from './hold-until-sent.ts';
import type { InFlight } from './in-flight.ts';
import { requireReading } from './scopes.ts';
import { selectAtOnce } from './select-at-once.ts';
import { readStatementsRequest, type OneStatement, type Presentation } from './statement-parameters.ts';
import { refusals, XapiError } from './xapi-error.ts';

export interface StatementReadingOptions {
  readonly reader: StatementReader;
  readonly ids: Pick<StatementIds, 'selectOptional'>;
  /** Resolves once ClickHouse has what was accepted before, or after a while. */
  readonly untilIngested: () => Promise<void>;
  readonly definitions: Pick<DefinitionReader, 'selectDefinitions'>;
  readonly consistentThrough: ConsistentThrough;
  readonly cursors: MoreCursors;
  readonly multipart: MultipartAnswers;
  readonly inFlight: InFlight;
  readonly reads: BoundedReads;
  readonly publicUrl: string;
  readonly onUnread: (error: UnavailableError) => void;
}

const soonMs = 500;

const throughHeader = 'x-experience-api-consistent-through';

/** What was found, before it is written down: statements in the format asked for, and what goes beside them. */
interface Found extends Presentation {
  readonly texts: readonly string[];
  /** One statement by itself, or a StatementResult with where it goes on. */
  readonly more?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** GET of /xapi/statements (Communication 2.1.3). @throws XapiError */
export function createStatementReading(
  o: StatementReadingOptions,
): (exchange: XapiExchange) => Promise<Answer> {
  async function many(page: FilteredPage, exchange: XapiExchange): Promise<Found> {
    const { organisationId } = exchange.credential;
    const { authority } = mine(exchange);
    const through = await o.consistentThrough(organisationId);
    const snapshot = page.snapshot ?? asStored(through);
    const filter = { ...page.filter, ...(authority !== undefined && { authority }) };
    const found = await o.reader.selectPage({ ...page, organisationId, filter, snapshot });
    const last = found.further ? found.statements.at(-1) : undefined;
    const cursor = last && { ...page, snapshot, after: { stored: last.stored, id: last.id } };
    return {
      ...page,
      texts: await formatted(found.statements, page, exchange),
      more: cursor ? o.cursors.encode(cursor, { organisationId, authority }) : '',
      headers: { [throughHeader]: through },
    };
  }

  async function one(asked: OneStatement & Presentation, exchange: XapiExchange): Promise<Found> {
    const { organisationId } = exchange.credential;
    const { statementId: id, voided } = asked;
    // Who has just voided a statement does not see it any more.
    await o.untilIngested();
    const through = await o.consistentThrough(organisationId).catch(unlessUnavailable);
    const wanted = { organisationId, id, ...mine(exchange) };
    const statement = voided
      ? await o.reader.selectOptional({ ...wanted, voided })
      : await selectAtOnce({ ...o, ...wanted, authority: wanted.authority });
    if (statement === null) throw voided ? refusals.noVoided(id) : refusals.noStatement(id);
    return {
      ...asked,
      texts: await formatted([statement], asked, exchange),
      headers: {
        'last-modified': instantOfStored(statement.stored).toUTCString(),
        [throughHeader]: through,
      },
    };
  }

  /** The statements as they are to be given. */
  async function formatted(
    statements: readonly FoundStatement[],
    { format }: Presentation,
    { credential, request }: XapiExchange,
  ): Promise<string[]> {
    const texts = statements.map(({ text }) => exactFormat(text));
    if (format === 'exact') return texts;
    if (format === 'ids') return texts.map(idsFormat);
    const definitions = await o.definitions.selectDefinitions(
      credential.organisationId,
      texts.flatMap(activityIdsOf),
    );
    const choose = languageChooser(request.headers['accept-language']);
    return texts.map((text) => canonicalFormat(text, { definitions, choose }));
  }

  function read(exchange: XapiExchange): Promise<Found> {
    const more = exchange.parameters.get('more');
    if (more !== null) return many(readMore(more, exchange), exchange);
    const asked = readStatementsRequest(exchange.parameters);
    return 'statementId' in asked ? one(asked, exchange) : many(asked, exchange);
  }

  function readMore(encoded: string, exchange: XapiExchange): FilteredPage {
    if (exchange.parameters.size > 1) throw refusals.parameter('more', 'goes with no other parameter');
    const { organisationId } = exchange.credential;
    const cursor = o.cursors.decode(encoded, { organisationId, ...mine(exchange) });
    if (cursor === 'EXPIRED') throw refusals.expiredCursor();
    if (cursor === 'FOREIGN') throw refusals.parameter('more', 'was not made by this store for this key');
    return cursor;
  }

  /** What a key with the scope statements/read/mine may see. */
  function mine({ credential }: XapiExchange): { authority?: string } {
    if (requireReading(credential) === 'all') return {};
    return { authority: agentKey(authorityOf(o.publicUrl, credential)) ?? '' };
  }

  return async (exchange) => {
    requireReading(exchange.credential);
    try {
      return await answerOf(await o.reads.run(() => read(exchange)), exchange);
    } catch (error) {
      const refusal = refusalOf(error);
      // The header is there whatever the status (Communication 2.1.3).
      throw refusal.with({ [throughHeader]: await throughSoon(exchange.credential.organisationId) });
    }
  };

  /** What can be said without much ado beside a refusal. */
  function throughSoon(organisationId: string): Promise<string> {
    const through = o.consistentThrough(organisationId).catch(() => never);
    return Promise.race([through, delay(soonMs, never, { ref: false })]);
  }

  /** With attachments the JSON is the first part of many (Communication 1.5.2). */
  async function answerOf(
    { texts, more, headers, attachments }: Found,
    { credential, response }: XapiExchange,
  ): Promise<Answer> {
    const body = more === undefined ? (texts[0] ?? '') : resultOf(texts, more);
    holdUntilSent(Buffer.byteLength(body), response, o.inFlight);
    const answer = { status: 200, headers, body };
    return attachments ? o.multipart.attach(answer, texts, credential.organisationId) : answer;
  }

  function refusalOf(error: unknown): XapiError {
    if (error instanceof XapiError) return error;
    if (!(error instanceof UnavailableError)) throw error;
    o.onUnread(error);
    return refusals.unreadable(error.what);
  }
}

/** While ClickHouse does not answer, it promises nothing; a statement by its id may be there nonetheless. */
function unlessUnavailable(error: unknown): string {
  if (error instanceof UnavailableError) return never;
  throw error;
}

/** A StatementResult (Data 2.5). */
function resultOf(texts: readonly string[], more: string): string {
  return `{"statements":[${texts.join(',')}],"more":"${more === '' ? '' : `/xapi/statements?more=${more}`}"}`;
}

/** An instant of a header as StatementPlace has it. */
function asStored(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, -1).padEnd(15, '0')}`;
}
