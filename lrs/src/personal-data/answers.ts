import { domainEvent } from '@lyceum/events';
import {
  countFailure,
  lockWork,
  trimWork,
  updateWork,
  type PersonalDataReport,
  type PersonalDataRequest,
  type Work,
} from '@lyceum/events/personal-data';
import { voidExports } from '../jobs/void-exports.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { Database, Store } from '../store/store.ts';
import type { StatementErasure } from './erase-statements.ts';
import { noteOf } from './erasure-note.ts';
import { personOf, type Person } from './person.ts';
import { selectDocumentLines } from './person-documents.ts';
import type { PersonStatements } from './person-statements.ts';
import { piecesOf } from './pieces.ts';

/** The name of the LRS among those that hold data of people. */
const service = 'lrs';

export interface Answers {
  /**
   * Answers a request to its end, once all that the log had taken before is in ClickHouse. A crash, or another instance
   * that does the same, leaves nothing out and tells nothing that differs. Rejects where it is to be tried again; after
   * the last of the tries it tells that the LRS gives up. While ClickHouse is away nothing counts as a try.
   */
  answer(request: PersonalDataRequest, signal: AbortSignal): Promise<void>;
}

export interface AnswersOptions {
  readonly store: Database;
  readonly statements: PersonStatements;
  readonly erasure: StatementErasure;
  /** Resolves once ClickHouse has all that was on the log when it was called. */
  readonly untilIngested: (signal: AbortSignal) => Promise<void>;
  readonly attempts?: number;
}

export function createAnswers(options: AnswersOptions): Answers {
  const { store, attempts = 10 } = options;

  async function gaveUp(request: PersonalDataRequest, error: unknown): Promise<boolean> {
    if (error instanceof UnavailableError) return false;
    return store.transaction(async (tx) => {
      if ((await countFailure(tx.sql, request)) < attempts) return false;
      const work = await lockWork(tx.sql, request);
      await updateWork(tx.sql, request.jobId, { ...work, state: 'FAILED' });
      const failure = `It failed ${String(attempts)} times: ${error instanceof Error ? error.message : String(error)}`;
      await tellDone(tx, request, work, failure.slice(0, 500));
      return true;
    });
  }

  return {
    async answer(request, signal) {
      if (request.services && !request.services.includes(service)) return;
      try {
        if (!(await begin(store, request))) return;
        await (request.kind === 'EXPORT' ? exportAll : eraseAll)(options, request, signal);
      } catch (error) {
        if (signal.aborted || !(await gaveUp(request, error))) throw error;
      }
    },
  };
}

/** Whether there is something to do. What was done before and is asked for anew is told anew. */
function begin(store: Database, request: PersonalDataRequest): Promise<boolean> {
  return store.transaction(async (tx) => {
    const known = await lockWork(tx.sql, request);
    const isAnew = known.eventId !== request.eventId;
    if (known.state !== 'RUNNING' && !isAnew) return false;
    if (known.state === 'DONE') {
      await finish(tx, request, known);
      return false;
    }
    await updateWork(tx.sql, request.jobId, { ...known, eventId: request.eventId, state: 'RUNNING' });
    return true;
  });
}

/** What is told of one kind, in pieces of a file of its own. */
interface Part {
  /** As reports and the archive call it. */
  readonly what: 'statements' | 'documents';
  /** The lines behind a place; empty: there are no more. */
  readonly select: (after: string) => Promise<readonly Line[]>;
}

interface Line {
  /** No other of its part has the same; they are told in its order. */
  readonly place: string;
  readonly text: string;
}

async function exportAll(
  options: AnswersOptions,
  request: PersonalDataRequest,
  signal: AbortSignal,
): Promise<void> {
  const { store, untilIngested } = options;
  await untilIngested(signal);
  const parts = await partsOf(options, personOf(request));
  for (let isMore = true; isMore;) {
    signal.throwIfAborted();
    const { tableName, after } = await store.transaction((tx) => lockWork(tx.sql, request));
    const index = Math.max(
      parts.findIndex(({ what }) => what === tableName),
      0,
    );
    const part = parts[index];
    if (part === undefined) return;
    const lines = await part.select(after);
    const next = parts[index + 1]?.what;
    isMore = await store.transaction((tx) =>
      tellPage(tx, request, { at: { tableName, after }, part, next, lines }),
    );
  }
}

async function partsOf({ store, statements }: AnswersOptions, person: Person): Promise<Part[]> {
  const keys = await statements.selectKeys(person);
  return [
    {
      what: 'statements',
      select: async (after) => {
        const page = await statements.selectPage(person, keys, placeOf(after));
        return page.map(({ stored, id, text }) => ({ place: `${stored}/${id}`, text }));
      },
    },
    { what: 'documents', select: (after) => selectDocumentLines(store, person, after) },
  ];
}

/** Lines that are told, where, and which part follows theirs. */
interface Page {
  readonly at: Pick<Work, 'tableName' | 'after'>;
  readonly part: Part;
  readonly next: string | undefined;
  readonly lines: readonly Line[];
}

/** A page's pieces, and that they were told, or that all were. Whether there may be more to tell. */
async function tellPage(tx: Store, request: PersonalDataRequest, page: Page): Promise<boolean> {
  const { at, part, next, lines } = page;
  const work = await lockWork(tx.sql, request);
  if (work.state !== 'RUNNING') return false;
  // Another instance has told this page meanwhile.
  if (work.after !== at.after || work.tableName !== at.tableName) return true;
  const last = lines.at(-1);
  if (last === undefined && next === undefined) {
    await finish(tx, request, work);
    return false;
  }
  if (last === undefined) {
    await updateWork(tx.sql, request.jobId, { ...work, tableName: next ?? '', after: '' });
    return true;
  }
  const pieces = piecesOf(lines.map(({ text }) => text));
  const file = `${part.what}.jsonl`;
  await tx.outbox.insert(
    pieces.map((content, index) => pieceEvent(request, { place: work.place + index, file, content })),
  );
  await updateWork(tx.sql, request.jobId, {
    ...work,
    after: last.place,
    place: work.place + pieces.length,
    report: counted(work.report, part.what, lines.length),
  });
  return true;
}

function counted(report: Work['report'], what: string, lines: number): PersonalDataReport[] {
  const before = report.find((entry) => entry.what === what);
  const count = (before?.count ?? 0) + lines;
  return [...report.filter((entry) => entry !== before), { what, action: 'EXPORTED', count }];
}

function placeOf(after: string): { stored: string; id: string } | undefined {
  const [stored = '', id = ''] = after.split('/');
  return after === '' ? undefined : { stored, id };
}

/** The note comes first: whatever ingest writes from then on has the person's pseudonym only. */
async function eraseAll(
  { store, erasure, untilIngested }: AnswersOptions,
  request: PersonalDataRequest,
  signal: AbortSignal,
): Promise<void> {
  const person = personOf(request);
  await store.erasedPeople.deleteOld(new Date());
  await store.erasedPeople.insert(noteOf(request.jobId, person));
  await untilIngested(signal);
  await store.statementClaims.deleteValues(person.organisationId, person.until);
  const count = await store.whileErasing(() => erasure.erase(person, signal));
  await store.transaction(async (tx) => {
    const work = await lockWork(tx.sql, request);
    if (work.state !== 'RUNNING') return;
    const documents = await tx.personDocuments.delete(person);
    await voidExports(tx, person.organisationId);
    const forwardings = await tx.statementForwardings.countThatSent(person.organisationId);
    await finish(tx, request, { ...work, report: erasureReport({ ...count, documents, forwardings }) });
  });
}

function erasureReport(count: {
  statements: number;
  recent: number;
  documents: number;
  forwardings: number;
}): PersonalDataReport[] {
  const report: PersonalDataReport[] = [
    { what: 'documents', action: 'DELETED', count: count.documents },
    {
      what: 'statements',
      action: 'REPLACED',
      count: count.statements,
      reason:
        'They name the person by the pseudonym only. Of their own, responses, attachments, and extensions with texts are gone; verbs, scores, times and ids stay, for the figures of courses.',
    },
    {
      what: 'statements in the event log',
      action: 'KEPT',
      count: count.recent,
      reason:
        'The log can not be rewritten: it drops records by their age, these within a week, those that could not be read within 90 days. Nothing that is read from it again brings the person back.',
    },
    {
      what: 'statements forwarded to other stores',
      action: 'KEPT',
      count: count.forwardings === 0 ? 0 : count.statements,
      reason: `The organisation has, or had, statements forwarded to ${String(count.forwardings)} other stores. What was sent there, as far as it named the person, this does not reach: those who keep these stores have to be asked. Nothing of the person is sent from now on.`,
    },
  ];
  return report.filter((entry) => entry.count > 0);
}

async function finish(tx: Store, request: PersonalDataRequest, work: Work): Promise<void> {
  const done: Work = { ...work, eventId: request.eventId, state: 'DONE' };
  await updateWork(tx.sql, request.jobId, done);
  await trimWork(tx.sql);
  await tellDone(tx, request, done);
}

function tellDone(
  tx: Store,
  request: PersonalDataRequest,
  { place, report }: Work,
  failure?: string,
): Promise<void> {
  const { kind } = request;
  const done = { ...headOf(request), kind, pieces: place, report: [...report] };
  return tx.outbox.insert([
    domainEvent({
      type: 'personal-data.done',
      ...addressOf(request),
      data: failure === undefined ? done : { ...done, failure },
    }),
  ]);
}

function pieceEvent(request: PersonalDataRequest, piece: { place: number; file: string; content: string }) {
  const data = { ...headOf(request), ...piece };
  return domainEvent({ type: 'personal-data.piece', ...addressOf(request), data });
}

const headOf = ({ jobId, organisationId }: PersonalDataRequest) => ({ jobId, organisationId, service });

const addressOf = ({ jobId, organisationId }: PersonalDataRequest) =>
  ({ topic: 'lrs.events', subject: jobId, organisation: organisationId }) as const;
