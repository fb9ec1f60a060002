import type { PersonalDataDone, PersonalDataPiece } from '@lyceum/events/personal-data';
import type { IdentityEvents } from '../../events/identity-events.ts';
import { mailLanguage } from '../../mails/render-template.ts';
import type { PrivacyJob, PrivacyJobPart } from '../../store/privacy-jobs.ts';
import type { Database, Store } from '../../store/store.ts';
import { writeMail } from '../account-mails.ts';
import type { AccountLinks } from '../account-links.ts';
import { dayMs } from '../durations.ts';

/** How long an archive can be had. */
export const archiveDays = 7;

export type ToldAnswers = ReturnType<typeof createToldAnswers>;

/**
 * What services tell of their parts, taken in: pieces and the end of a part may come twice and in any order. Whoever
 * takes something in holds the job, so that the last part is seen to be the last.
 */
export function createToldAnswers({
  store,
  events,
  links,
}: {
  store: Database;
  events: IdentityEvents;
  links: AccountLinks;
}) {
  /** The job and its part, where that is still awaited. */
  async function awaited(
    tx: Store,
    { organisationId, jobId, service }: Pick<PersonalDataPiece, 'organisationId' | 'jobId' | 'service'>,
  ): Promise<PrivacyJob | undefined> {
    const job = await tx.privacyJobs.lock(organisationId, jobId);
    const part = job?.parts.find((one) => one.service === service);
    return job?.state === 'RUNNING' && part?.state === 'WAITING' ? job : undefined;
  }

  async function endPartIfWhole(tx: Store, job: PrivacyJob, service: string): Promise<void> {
    const part = (await reread(tx, job)).parts.find((one) => one.service === service);
    if (part?.pieces == null) return;
    const told = await tx.privacyJobs.countPieces(job.id, service);
    if (part.failure === null && told < part.pieces) return;
    await tx.privacyJobs.updatePartEnded(job.id, service, part.failure === null ? 'DONE' : 'FAILED');
    await settle(tx, job);
  }

  /** Ends the job where nothing is awaited any more, and tells how it stands. */
  async function settle(tx: Store, before: PrivacyJob): Promise<void> {
    const job = await reread(tx, before);
    const state = endOf(job);
    if (state === undefined) return events.privacyJobChanged(tx, job);
    const expiresAt = job.kind === 'EXPORT' ? new Date(Date.now() + archiveDays * dayMs) : null;
    await tx.privacyJobs.updateEnded(job, state, expiresAt);
    if (job.kind === 'EXPORT' && state === 'DONE') await archiveIsThere(tx, job);
    await events.privacyJobChanged(tx, await reread(tx, job));
  }

  /** One archive a person: the one before is of no use any more. */
  async function archiveIsThere(tx: Store, job: PrivacyJob): Promise<void> {
    await tx.privacyJobs.updateSuperseded(job);
    if (!job.tellsPerson) return;
    const { organisationId, userId } = job;
    const [member] = await tx.memberships.selectMany(organisationId, [userId]);
    const [organisation] = await tx.organisations.selectMany([organisationId]);
    if (!member || !organisation) return;
    const { name, email: recipient, locale } = member;
    const sender = organisation.name;
    const url = links.to('personal-data');
    await writeMail(
      tx,
      'personalDataReady',
      { name, organisation: sender, url, days: archiveDays },
      { recipient, locale: mailLanguage(locale), sender },
    );
  }

  return {
    /** As part of what `tx` does. */
    takePiece: async (tx: Store, piece: PersonalDataPiece): Promise<void> => {
      const job = await awaited(tx, piece);
      if (job?.kind !== 'EXPORT') return;
      await tx.privacyJobs.insertPiece(piece);
      await endPartIfWhole(tx, job, piece.service);
    },

    /** As part of what `tx` does. */
    takeDone: async (tx: Store, done: PersonalDataDone): Promise<void> => {
      const job = await awaited(tx, done);
      if (job?.kind !== done.kind) return;
      await tx.privacyJobs.updateTold(done);
      await endPartIfWhole(tx, job, done.service);
    },

    /** Gives up on those that did not answer. */
    async giveUp(
      { organisationId, id }: PrivacyJob,
      services: readonly string[],
      failure: string,
    ): Promise<void> {
      await store.transaction(async (tx) => {
        const job = await tx.privacyJobs.lock(organisationId, id);
        if (job?.state !== 'RUNNING') return;
        await tx.privacyJobs.updatePartsFailed(id, services, failure);
        await settle(tx, job);
      });
    },
  };
}

async function reread(tx: Store, { organisationId, id }: PrivacyJob): Promise<PrivacyJob> {
  const [job] = await tx.privacyJobs.selectMany(organisationId, [id]);
  if (!job) throw new Error(`The job ${id} is gone.`);
  return job;
}

/** How a job ends of which these are the parts; undefined while it goes on. */
export function endOf({ kind, parts }: Pick<PrivacyJob, 'kind' | 'parts'>): 'DONE' | 'FAILED' | undefined {
  const waiting = parts.filter(({ state }) => state === 'WAITING');
  const failed = parts.some(({ state }) => state === 'FAILED');
  // Identity erases when all others have: where one has failed, it does not come to that.
  const awaited = failed && kind === 'ERASURE' ? waiting.filter(isOthers) : waiting;
  if (awaited.length > 0) return undefined;
  return failed ? 'FAILED' : 'DONE';
}

const isOthers = ({ service }: PrivacyJobPart) => service !== 'identity';
