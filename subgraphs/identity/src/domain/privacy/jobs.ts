import { mapIterator, type LiveTopic, type LiveValue } from '@lyceum/events';
import type { ConnectionSource } from '@lyceum/graphql';
import { invalid, isLogin, newId, notFound, viewerMay, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { PrivacyJob } from '../../store/privacy-jobs.ts';
import type { Database, Store } from '../../store/store.ts';
import { actOn, actorOf, recordAct } from '../audit.ts';
import type { Departures } from '../departures.ts';
import { loginNeeded } from '../errors.ts';
import { requireNow } from '../require-now.ts';
import { provedAddresses } from './proved-addresses.ts';
import { holders } from './holders.ts';

/** A job that has come further. */
export interface ChangedJob extends LiveValue {
  readonly id: string;
}

export type PrivacyJobs = ReturnType<typeof createPrivacyJobs>;

/** Gathering and erasing what is held of a person: asked for here, done by all services (told-answers.ts, own-part.ts). */
export function createPrivacyJobs(options: {
  store: Database;
  events: IdentityEvents;
  departures: Departures;
  live: LiveTopic<ChangedJob>;
  /** It may be identity's turn. */
  wake: () => void;
  homePage: string;
}) {
  const { store, events, departures, live, homePage } = options;

  async function ask(tx: Store, job: PrivacyJob, services: readonly string[]): Promise<void> {
    await events.personalDataRequested(tx, job, { homePage, services });
    await events.privacyJobChanged(tx, job);
  }

  /** The open job of the kind, where there is one: one that failed goes on with what failed. */
  async function goOn(tx: Store, { organisationId, userId, kind, tellsPerson }: Wanted) {
    const open = await tx.privacyJobs.lockOpen(organisationId, userId, kind);
    if (!open) return undefined;
    if (tellsPerson && !open.tellsPerson) await tx.privacyJobs.updateTellsPerson(open);
    if (open.state === 'RUNNING') return open;
    const failed = open.parts.filter(({ state }) => state === 'FAILED').map(({ service }) => service);
    const job = await tx.privacyJobs.updateReopened(open);
    await ask(tx, job, failed);
    return job;
  }

  /** A new job, or undefined where somebody else was quicker: theirs is seen from now on. */
  async function begin(tx: Store, wanted: Wanted, by: Viewer): Promise<PrivacyJob | undefined> {
    const emails = await provedAddresses(tx, wanted);
    const row = { ...wanted, id: newId('privacyjob'), requestedBy: by.userId, emails };
    const job = await tx.privacyJobs.insertOptional(row, holders);
    if (job) await ask(tx, job, holders);
    return job;
  }

  async function beginOrGoOn(
    tx: Store,
    wanted: Wanted,
    by: Viewer,
  ): Promise<{ job: PrivacyJob; begun: boolean }> {
    for (;;) {
      const open = await goOn(tx, wanted);
      if (open) return { job: open, begun: false };
      const job = await begin(tx, wanted, by);
      if (job) return { job, begun: true };
    }
  }

  async function requestExport(viewer: Viewer, userId: string, own: boolean): Promise<PrivacyJob> {
    const { organisationId } = viewer;
    return store.transaction(async (tx) => {
      await requireNow(tx, viewer, own ? 'personal-data.export.own' : 'personal-data.export');
      const member = await tx.memberships.selectOptional(organisationId, userId);
      if (!member) throw notFound('user', userId, ['input', 'userId']);
      const wanted = { organisationId, userId, kind: 'EXPORT', tellsPerson: own } as const;
      const { job, begun } = await beginOrGoOn(tx, wanted, viewer);
      await recordAct(
        tx,
        actOn(viewer, 'personal-data.export', userId, { job: [begun ? null : job.id, job.id] }),
      );
      return job;
    });
  }

  async function requestErasure(viewer: Viewer, { userId, email }: Erasure): Promise<PrivacyJob> {
    const { organisationId } = viewer;
    return store.transaction(async (tx) => {
      await tx.memberships.lockOrganisation(organisationId);
      const held = await requireNow(tx, viewer, 'person.erase');
      const member = await tx.memberships.selectOptional(organisationId, userId);
      if (!member) throw notFound('user', userId, ['input', 'userId']);
      if (userId === viewer.userId)
        throw invalid(['input', 'userId'], 'Nobody erases themselves: another administrator does.');
      if (member.email !== email.trim().toLowerCase())
        throw invalid(['input', 'email'], 'This is not the address of the person.');
      await departures.takeOut(tx, { organisationId, userId }, held);
      const wanted = { organisationId, userId, kind: 'ERASURE', tellsPerson: false } as const;
      const { job, begun } = await beginOrGoOn(tx, wanted, viewer);
      const changes = { job: [begun ? null : job.id, job.id], roles: [member.roles, []] } as const;
      await recordAct(tx, actOn(viewer, 'person.erase', userId, changes));
      return job;
    });
  }

  /** A job that the viewer may see: for others there is none. @throws NOT_FOUND */
  async function get(viewer: Viewer, id: string): Promise<PrivacyJob> {
    const [job] = await store.privacyJobs.selectMany(viewer.organisationId, [id]);
    if (!job || !mayBeSeen(viewer, job)) throw notFound('privacy job', id, ['id']);
    return job;
  }

  const listed = (
    { organisationId }: Viewer,
    which: { userId?: string; kind?: string },
  ): ConnectionSource<PrivacyJob> => ({
    rows: (page) => store.privacyJobs.selectPage(organisationId, which, page),
    key: ({ id }) => [id],
    count: () => store.privacyJobs.count(organisationId, which),
  });

  return {
    /**
     * Gathers what the organisation holds of the viewer, or of another person. Where that is under way, answers how far.
     *
     * @throws NOT_FOUND; FORBIDDEN, also for a program that asks for its owner's
     */
    async requestExport(viewer: Viewer, wanted: string | null | undefined): Promise<PrivacyJob> {
      const userId = wanted ?? viewer.userId;
      const own = userId === viewer.userId;
      if (own && !isLogin(viewer)) throw loginNeeded();
      const job = await requestExport(viewer, userId, own);
      options.wake();
      return job;
    },

    /**
     * Erases a person: from now on they are out of the organisation, and in the end nothing leads to them.
     *
     * @throws INVALID, NOT_FOUND, LAST_ADMIN, FORBIDDEN
     */
    async requestErasure(viewer: Viewer, erasure: Erasure): Promise<PrivacyJob> {
      const job = await requestErasure(viewer, erasure);
      options.wake();
      return job;
    },

    /** The job, where the viewer may see it. */
    seenBy: (viewer: Viewer, job: PrivacyJob | null): PrivacyJob | null =>
      job && mayBeSeen(viewer, job) ? job : null,

    get,

    listed: (viewer: Viewer) => listed(viewer, {}),

    /** The exports of the viewer's own data. */
    listedOwn: (viewer: Viewer) => listed(viewer, { userId: viewer.userId, kind: 'EXPORT' }),

    /** A job each time that it comes further, from now on. @throws NOT_FOUND */
    async updates(viewer: Viewer, id: string): Promise<AsyncIterableIterator<PrivacyJob>> {
      await get(viewer, id);
      const changes = await live.subscribe(viewer.organisationId, (changed) => changed.id === id);
      return mapIterator(changes, () => get(viewer, id));
    },

    /** Notes that somebody takes the archive out. @throws NOT_FOUND, FORBIDDEN, CONFLICT */
    async requireArchive(viewer: Viewer, id: string): Promise<PrivacyJob> {
      const job = await get(viewer, id);
      const own = job.userId === viewer.userId;
      if (own && !isLogin(viewer)) throw loginNeeded();
      await store.transaction(async (tx) => {
        await requireNow(tx, viewer, own ? 'personal-data.export.own' : 'personal-data.export');
        const { organisationId } = viewer;
        const entry = { act: 'personal-data.download', by: actorOf(viewer), organisationId } as const;
        await recordAct(tx, { ...entry, subjectId: job.userId });
      });
      return job;
    },
  };
}

export interface Erasure {
  readonly userId: string;
  /** The person's address, typed again. */
  readonly email: string;
}

interface Wanted {
  readonly organisationId: string;
  readonly userId: string;
  readonly kind: 'EXPORT' | 'ERASURE';
  readonly tellsPerson: boolean;
}

/** Who administers sees all jobs; the others the exports of their own data. */
function mayBeSeen(viewer: Viewer, { userId, kind }: PrivacyJob): boolean {
  if (viewerMay(viewer, 'privacy-job.read')) return true;
  return kind === 'EXPORT' && userId === viewer.userId && viewerMay(viewer, 'personal-data.export.own');
}
