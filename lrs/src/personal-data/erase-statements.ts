import { erasedStatement } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import type { StatementPlace } from '@lyceum/xapi/query';
import type { Store } from '../store/store.ts';
import type { ActorHoursEraser } from './actor-hours-eraser.ts';
import type { CopyEraser } from './copy-eraser.ts';
import type { PersonStatements } from './person-statements.ts';
import type { Person } from './person.ts';
import type { RollUpRewriter } from './roll-up-rewriter.ts';
import type { StatementKeyEraser } from './statement-key-eraser.ts';
import type { RewrittenStatement, StatementRewriter } from './statement-rewriter.ts';

/** Rewrites a person's statements so that nobody but their pseudonym is in them. */
export interface StatementErasure {
  /**
   * Ends when all of their statements have been looked at and none was left to rewrite: whatever a crash had left, or
   * came meanwhile. Answers how many there are.
   */
  erase(person: Person, signal: AbortSignal): Promise<ErasedCount>;
}

export interface ErasedCount {
  readonly statements: number;
  /** Of them, those that the log may still have as they came. */
  readonly recent: number;
}

/** Of statements' text that ClickHouse holds in memory at a time. */
const gatheredBytes = 64 * 2 ** 20;

/** One rewrites, and one sees that it did; more only while late statements come in. */
const mostPasses = 20;

export function createStatementErasure(o: {
  statements: PersonStatements;
  rewriter: StatementRewriter;
  rollUps: RollUpRewriter;
  copies: CopyEraser;
  actorHours: ActorHoursEraser;
  statementKeys: StatementKeyEraser;
  attachments: Pick<Store['attachments'], 'updateUnconfirmed'>;
  /** Resolves once ClickHouse has all that was on the log when it was called, and what follows from it. */
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** How long the log keeps a statement. */
  logKeepsMs: number;
}): StatementErasure {
  const { statements, rewriter, rollUps, copies, actorHours, statementKeys } = o;
  const { attachments, untilIngested, logKeepsMs } = o;

  async function pass(person: Person, signal: AbortSignal): Promise<ErasedCount & { rewritten: number }> {
    const keys = await statements.selectKeys(person);
    const recentFrom = new Date(Date.now() - logKeepsMs).toISOString().replace('T', ' ');
    const count = { statements: 0, recent: 0, rewritten: 0 };
    const gathered = createGathered(person.organisationId, rewriter, signal);
    let after: StatementPlace | undefined;
    for (;;) {
      signal.throwIfAborted();
      const page = await statements.selectPage(person, keys, after);
      if (page.length === 0) break;
      count.statements += page.length;
      count.recent += page.filter(({ stored }) => stored >= recentFrom).length;
      const rewritten = page.flatMap((found) => rewrittenOf(found, person));
      count.rewritten += rewritten.length;
      await forgetAttachments(person, page);
      await gathered.add(rewritten);
      after = page.at(-1);
    }
    await gathered.flush();
    return count;
  }

  /** In the last pass their texts are as they will be: the sweep finds which attachments nobody refers to any more. */
  async function forgetAttachments(
    { organisationId }: Person,
    page: readonly FoundStatement[],
  ): Promise<void> {
    const ids = page.map(({ id }) => id);
    await attachments.updateUnconfirmed(organisationId, ids, new Date(0));
  }

  return {
    async erase(person, signal) {
      await rewriter.settle(signal);
      for (let passes = 0; passes < mostPasses; passes += 1) {
        const { rewritten, ...count } = await pass(person, signal);
        if (rewritten > 0) continue;
        await rollUps.rewrite(person, signal);
        // Ingest may still copy what it read of statements before they were rewritten.
        await untilIngested(signal);
        await copies.erase(person, signal);
        await actorHours.erase(person, signal);
        await statementKeys.erase(person);
        return count;
      }
      throw new Error(`statements are still to be rewritten after ${String(mostPasses)} passes`);
    },
  };
}

function rewrittenOf({ text, ...place }: FoundStatement, person: Person): RewrittenStatement[] {
  const people = erasedStatement(text, person);
  return people === null ? [] : [{ ...place, people }];
}

/** Statements that wait to be rewritten together: each time costs writing whole parts. */
function createGathered(organisationId: string, rewriter: StatementRewriter, signal: AbortSignal) {
  let bytes = 0;
  let first: StatementPlace | undefined;
  let last: StatementPlace | undefined;

  async function flush(): Promise<void> {
    if (first && last) await rewriter.rewrite(organisationId, { first, last }, signal);
    first = last = undefined;
    bytes = 0;
  }

  return {
    flush,
    async add(rewritten: readonly RewrittenStatement[]): Promise<void> {
      if (rewritten.length === 0) return;
      await rewriter.gather(rewritten);
      first ??= rewritten[0];
      last = rewritten.at(-1);
      bytes += rewritten.reduce((sum, { people }) => sum + people.text.length, 0);
      if (bytes >= gatheredBytes) await flush();
    },
  };
}
