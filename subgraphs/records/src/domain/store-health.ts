import { requirePermission, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import type { IngestProgress, PartitionProgress, ProgressTracker } from './ingest-progress.ts';
import { remembered } from './remembered.ts';

/** An engine that the record store stands on, as records sees it. */
export interface EngineHealth {
  readonly engine: 'CLICKHOUSE' | 'EVENT_LOG';
  readonly reachable: boolean;
  readonly reason: string | null;
}

/** How the record store is, for one organisation: what ClickHouse does not say is null. */
export interface StoreHealth {
  readonly organisationId: string;
  readonly measuredAt: Date;
  readonly ingest: IngestProgress;
  readonly engines: readonly EngineHealth[];
  readonly queryable: number | null;
  readonly acceptedPerSecond: number | null;
  readonly statementBytes: number | null;
}

/** How much there is of all organisations together. */
export interface StoreVolumes {
  readonly measuredAt: Date;
  readonly partitions: readonly PartitionProgress[];
  readonly engines: readonly EngineHealth[];
  readonly statements: number | null;
  readonly clickHouseBytes: number | null;
}

export type StoreHealths = ReturnType<typeof createStoreHealths>;

const rateSeconds = 10;

/** A statement may be stamped so long before the log has it. */
const inFlightSeconds = 1;

const diskMs = 10_000;

/** How the record store is, as far as queries are concerned. Nothing of another organisation can be told from it. */
export function createStoreHealths(o: {
  store: Pick<Store, 'storeHealth'>;
  progress: Pick<ProgressTracker, 'of' | 'all'>;
}) {
  const { store, progress } = o;
  const disk = remembered(diskMs, () => store.storeHealth.selectDisk());

  /** Of several organisations at once: a query of each kind, however many they are. */
  async function measure(organisationIds: readonly string[]): Promise<Map<string, StoreHealth>> {
    const measuredAt = new Date();
    const throughs = new Map(organisationIds.map((id) => [id, wholeSeconds(progress.of(id), measuredAt)]));
    const ends = [...throughs.values()];
    const found = await Promise.all([
      store.storeHealth.selectTotals(organisationIds),
      store.storeHealth.selectSeconds(organisationIds, Math.min(...ends) - rateSeconds, Math.max(...ends)),
      disk(),
    ]).catch(() => undefined);
    const engines = (id: string) => [clickHouse(found !== undefined), eventLog(progress.of(id))];
    return new Map(
      organisationIds.map((id) => [
        id,
        { organisationId: id, measuredAt, ingest: progress.of(id), engines: engines(id), ...figuresOf(id) },
      ]),
    );

    function figuresOf(id: string) {
      if (found === undefined) return { queryable: null, acceptedPerSecond: null, statementBytes: null };
      const [totals, seconds, { statements, statementBytes }] = found;
      const queryable = totals.find(({ organisation }) => organisation === id)?.statements ?? 0;
      const end = throughs.get(id) ?? 0;
      const taken = seconds
        .filter((each) => each.organisation === id && each.second >= end - rateSeconds && each.second < end)
        .reduce((sum, each) => sum + each.statements, 0);
      const bytesEach = statements === 0 ? 0 : statementBytes / statements;
      return {
        queryable,
        acceptedPerSecond: taken / rateSeconds,
        statementBytes: Math.round(queryable * bytesEach),
      };
    }
  }

  return {
    measure,

    /** @throws FORBIDDEN */
    async of(viewer: Viewer): Promise<StoreHealth> {
      requirePermission(viewer, 'store.health.read');
      const measured = await measure([viewer.organisationId]);
      const health = measured.get(viewer.organisationId);
      if (health === undefined) throw new Error('the health of an organisation was not measured');
      return health;
    },

    /** @throws FORBIDDEN */
    async volumes(viewer: Viewer): Promise<StoreVolumes> {
      requirePermission(viewer, 'store.volume.read');
      const found = await disk().catch(() => undefined);
      return {
        measuredAt: new Date(),
        partitions: progress.all(),
        engines: [clickHouse(found !== undefined), eventLog(progress.of(viewer.organisationId))],
        statements: found?.statements ?? null,
        clickHouseBytes: found?.bytes ?? null,
      };
    },
  };
}

/** Up to then (Unix seconds, exclusive) every second has all that was stored in it. */
export function wholeSeconds({ through }: Pick<IngestProgress, 'through'>, now: Date): number {
  return Math.floor((through ?? now).getTime() / 1000) - inFlightSeconds;
}

// Why is for the operator's log: an error of a connection names addresses.
const clickHouse = (reachable: boolean): EngineHealth => ({
  engine: 'CLICKHOUSE',
  reachable,
  reason: reachable ? null : 'ClickHouse does not answer: statements are accepted, and wait.',
});

const eventLog = ({ state }: IngestProgress): EngineHealth => ({
  engine: 'EVENT_LOG',
  reachable: state !== 'UNKNOWN',
  reason: state === 'UNKNOWN' ? 'The event log does not answer: nothing is accepted.' : null,
});
