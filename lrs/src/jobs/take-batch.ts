import { isSameStatement, type Edition, type Statement } from '@lyceum/xapi';
import type { AttachmentKeeper } from '../attachments/keep-attachments.ts';
import { StorageFullError } from '../attachments/keep-attachments.ts';
import type { SelectDropped } from '../ids/dropped-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { SelectByIds } from '../query/statements-by-id.ts';
import type { Acceptance } from '../receive/accept-statements.ts';
import { attachmentsOf, placedAttachments } from '../receive/attachments-of.ts';
import type { Credential } from '../receive/credentials.ts';
import type { SentStatement } from '../receive/read-statements.ts';
import { XapiError } from '../receive/xapi-error.ts';
import type { AttachmentUse } from '../store/attachments.ts';
import type { StoreJob, StoreJobFault } from '../store/store-jobs.ts';
import type { Database } from '../store/store.ts';
import type { ImportBatch } from './import-reader.ts';
import type { TakeBatch } from './import-statements.ts';
import type { ImportedStatement } from './imported-statement.ts';
import { JobFailedError } from './job-worker.ts';

interface Outcome {
  written: number;
  known: number;
  faults: StoreJobFault[];
}

/** Statements of an import by the way of any other: their attachments kept, then accepted as requests are. */
export function createTakeBatch(o: {
  database: Database;
  keeper: AttachmentKeeper;
  acceptance: Pick<Acceptance, 'accept'>;
}): TakeBatch {
  /** Halves what is refused until one statement is left: the others are none the worse. */
  async function accept(
    job: StoreJob,
    credential: Credential,
    statements: readonly ImportedStatement[],
    outcome: Outcome,
  ): Promise<void> {
    const [first] = statements;
    if (first === undefined) return;
    try {
      const known = await acceptTogether(job, credential, statements);
      outcome.known += known;
      outcome.written += statements.length - known;
    } catch (error) {
      if (!(error instanceof XapiError)) throw error;
      if (error.status >= 500) throw new UnavailableError('What takes statements', error);
      if (statements.length === 1) {
        const path = error.code === 'STATEMENT_CONFLICT' ? 'id' : '';
        outcome.faults.push({ line: first.line, path, reason: error.message });
        return;
      }
      const half = statements.length >> 1;
      await accept(job, credential, statements.slice(0, half), outcome);
      await accept(job, credential, statements.slice(half), outcome);
    }
  }

  async function acceptTogether(
    { id: requestId, organisationId, request: { keepsOriginals = false } }: StoreJob,
    credential: Credential,
    statements: readonly ImportedStatement[],
  ): Promise<number> {
    let known = 0;
    const dropped = new Set<string>();
    const sent: SentStatement[] = statements.map((each) => each.sent);
    const edition: Edition = statements[0]?.edition ?? '1.0';
    const ids = await o.acceptance.accept(sent, {
      ...{ credential, edition, requestId, keepsOriginals },
      again: () => sent,
      onKnown: (count) => {
        known += count;
      },
      onDropped: (gone) => {
        for (const each of gone) dropped.add(each);
      },
    });
    const named = statements.filter(({ sent: { statement } }) => attachmentsOf(statement).length > 0);
    // Where this fails the sweep finds the statements by itself.
    const there = ids.filter((each) => !dropped.has(each));
    if (named.length > 0) await o.keeper.confirm(organisationId, there).catch(() => undefined);
    return known;
  }

  async function keepAttachments(
    { organisationId }: StoreJob,
    batch: ImportBatch,
    faults: StoreJobFault[],
  ): Promise<ImportedStatement[]> {
    const { statements, missing } = await found(o.database, organisationId, batch);
    faults.push(...missing);
    const brought = new Set(batch.attachments.map(({ sha2 }) => sha2));
    const uses = statements.flatMap(usesOf);
    const staged = batch.attachments.filter((each) => uses.some(({ sha2 }) => sha2 === each.sha2));
    await o.keeper
      .keep(
        organisationId,
        staged,
        uses.filter(({ sha2 }) => brought.has(sha2)),
      )
      .catch((error: unknown) => {
        if (error instanceof StorageFullError)
          throw new JobFailedError("The organisation's attachments would take more than they may.");
        throw error;
      });
    const before = uses.filter(({ sha2 }) => !brought.has(sha2));
    if (before.length > 0) await o.database.attachments.insertUses(organisationId, before);
    return statements;
  }

  return async (job, credential, batch) => {
    const outcome: Outcome = { written: 0, known: 0, faults: [] };
    const statements = await keepAttachments(job, batch, outcome.faults);
    // Within a record `stored` goes up, which ingest takes for granted where it leaves out who was erased.
    const ordered = [...statements].sort((one, other) => orderOf(one.stored, other.stored));
    for (const edition of ['1.0', '2.0'] as const)
      await accept(
        job,
        credential,
        ordered.filter((each) => each.edition === edition),
        outcome,
      );
    return outcome;
  };
}

/** What would become of a batch; nothing is stored. */
export function createDryRun(o: {
  database: Database;
  selectByIds: SelectByIds;
  selectDropped: SelectDropped;
}): TakeBatch {
  return async ({ organisationId }, _credential, batch) => {
    const { statements, missing } = await found(o.database, organisationId, batch);
    const ids = statements.map(({ id }) => id);
    const kept = await o.selectByIds(organisationId, ids);
    const byId = new Map(kept.map((each) => [each.id, each]));
    const dropped = await o.selectDropped(
      organisationId,
      ids.filter((id) => !byId.has(id)),
    );
    const droppedById = new Map(dropped.map((each) => [each.id, each]));
    const outcome: Outcome = { written: 0, known: 0, faults: missing };
    for (const { id, line, sent } of statements) {
      const there = byId.get(id);
      const gone = droppedById.get(id);
      const isSame = there
        ? isSameStatement(sent.statement, JSON.parse(there.text) as Statement)
        : gone?.isSame(sent.statement);
      if (isSame === undefined) outcome.written += 1;
      else if (isSame) outcome.known += 1;
      else outcome.faults.push({ line, path: 'id', reason: 'is the id of another statement of the store' });
    }
    return outcome;
  };
}

/** Of a batch, the statements whose attachments are all to be had: in the file before them, in the store, or elsewhere. */
async function found(database: Database, organisationId: string, { statements, attachments }: ImportBatch) {
  const brought = new Set(attachments.map(({ sha2 }) => sha2));
  const named = statements.flatMap(usesOf).map(({ sha2 }) => sha2);
  const asked = [...new Set(named)].filter((sha2) => !brought.has(sha2));
  const stored = asked.length === 0 ? [] : await database.attachments.select(organisationId, asked);
  const there = new Set([...brought, ...stored.map(({ sha2 }) => sha2)]);
  const missing: StoreJobFault[] = [];
  const whole = statements.filter(({ line, sent: { statement } }) => {
    const lacking = placedAttachments(statement, '').find(
      ({ attachment: { fileUrl, sha2 } }) => fileUrl === undefined && !there.has(sha2.toLowerCase()),
    );
    if (lacking)
      missing.push({ line, path: lacking.path, reason: 'has its bytes neither here nor in the file' });
    return lacking === undefined;
  });
  return { statements: whole, missing };
}

/** Bytes that are elsewhere are nothing of the store's. */
function usesOf({ id: statementId, sent: { statement } }: ImportedStatement): AttachmentUse[] {
  return attachmentsOf(statement)
    .filter(({ fileUrl }) => fileUrl === undefined)
    .map(({ sha2 }) => ({ sha2: sha2.toLowerCase(), statementId }));
}

/** What gets its `stored` now comes last. */
function orderOf(one: bigint | undefined, other: bigint | undefined): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  return one < other ? -1 : 1;
}
