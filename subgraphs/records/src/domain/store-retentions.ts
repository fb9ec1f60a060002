import { conflict, requirePermission, type Viewer } from '@lyceum/service';
import type { Database, Tables } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { StoreJob, StoreJobParameters } from '../store/store-jobs.ts';
import type { StoreRetention } from '../store/store-retentions.ts';
import type { Names } from './names.ts';
import { checkedRules, dueRules, type WantedRule } from './retention-rules.ts';
import type { StoreJobs } from './store-jobs.ts';
import { withinLimits } from './within-limits.ts';

/** What rules would drop now. */
export interface RetentionPreview {
  readonly statements: number;
  readonly oldest: Date | null;
  readonly newest: Date | null;
  readonly rules: NonNullable<StoreJobParameters['rules']>;
}

/** How often what is due is dropped, and when it is looked at again while the last run goes on. */
const everyMs = 24 * 60 * 60_000;
const againMs = 60 * 60_000;

/** How long an organisation keeps its statements: said here, done by the LRS as a job on the store (docs/decisions/0038). */
export function createStoreRetentions(o: {
  database: Database;
  store: Pick<Store, 'dueStatements'>;
  storeJobs: StoreJobs;
  names: Names;
}) {
  const { database, store, storeJobs, names } = o;

  /** @param requestedBy who asks, or the organisation, whose rules do */
  function begin(
    tx: Tables,
    { organisationId, rules }: StoreRetention,
    requestedBy: string,
    now: Date,
  ): Promise<StoreJob | undefined> {
    const parameters = { rules: dueRules(rules, now) };
    return storeJobs.beginIn(tx, {
      ...{ organisationId, requestedBy },
      ...{ kind: 'RETENTION' as const, state: 'RUNNING' as const, parameters },
    });
  }

  async function rulesOf({ organisationId }: Viewer, wanted: readonly WantedRule[] | null | undefined) {
    if (wanted != null) return checkedRules(['rules'], wanted, names);
    const retention = await database.storeRetentions.selectOptional(organisationId);
    return retention?.rules ?? [];
  }

  return {
    /** Undefined where everything is kept. */
    get: ({ organisationId }: Viewer) => database.storeRetentions.selectOptional(organisationId),

    /** Instead of what was said before. Nothing is dropped for a day: time to think better of it. @throws FORBIDDEN, INVALID */
    set(viewer: Viewer, wanted: readonly WantedRule[], now = new Date()): Promise<StoreRetention> {
      requirePermission(viewer, 'store.retention');
      const { organisationId, userId: updatedBy } = viewer;
      const rules = checkedRules(['input', 'rules'], wanted, names);
      const nextRunAt = new Date(now.getTime() + everyMs);
      return database.storeRetentions.upsert({ organisationId, rules, updatedBy, nextRunAt });
    },

    /** From now on everything is kept; a run that is under way goes on until it is cancelled. @throws FORBIDDEN */
    async clear(viewer: Viewer): Promise<void> {
      requirePermission(viewer, 'store.retention');
      await database.storeRetentions.delete(viewer.organisationId);
    },

    /** Drops now what is due. @throws FORBIDDEN; CONFLICT where there are no rules, or a run is under way */
    run(viewer: Viewer, now = new Date()): Promise<StoreJob> {
      requirePermission(viewer, 'store.retention');
      return database.transaction(async (tx) => {
        const retention = await tx.storeRetentions.selectOptional(viewer.organisationId);
        if (!retention) throw conflict('No rules are set: say first how long statements are kept.');
        const job = await begin(tx, retention, viewer.userId, now);
        if (!job) throw conflict('A run is under way: wait for its end, or cancel it.');
        return job;
      });
    },

    /** What rules would drop now; where none are given, those that are set. @throws FORBIDDEN, INVALID, TOO_EXPENSIVE */
    async preview(
      viewer: Viewer,
      wanted: readonly WantedRule[] | null | undefined,
      now = new Date(),
    ): Promise<RetentionPreview> {
      requirePermission(viewer, 'store.retention');
      const rules = dueRules(await rulesOf(viewer, wanted), now);
      const found = await withinLimits(() => store.dueStatements.selectDue(viewer.organisationId, rules));
      const { statements } = found;
      return { statements, oldest: instantOf(found.oldest), newest: instantOf(found.newest), rules };
    },

    /** Begins the runs whose time has come, each once however many processes look. */
    async runDue(now = new Date()): Promise<void> {
      for (let isMore = true; isMore;) {
        isMore = await database.transaction(async (tx) => {
          const retention = await tx.storeRetentions.lockDue(now);
          if (!retention) return false;
          const { organisationId } = retention;
          const job = await begin(tx, retention, organisationId, now);
          const nextRunAt = new Date(now.getTime() + (job ? everyMs : againMs));
          await tx.storeRetentions.updateNextRun(organisationId, nextRunAt);
          return true;
        });
      }
    },
  };
}

/** Of `stored` as ClickHouse writes it, in UTC. */
const instantOf = (stored: string) => (stored === '' ? null : new Date(`${stored.replace(' ', 'T')}Z`));
