import type { IdentityEvents } from '../../events/identity-events.ts';
import type { PrivacyJob } from '../../store/privacy-jobs.ts';
import type { Database } from '../../store/store.ts';
import { dayMs } from '../durations.ts';
import type { ToldAnswers } from './told-answers.ts';

/** How often services are asked, a day apart, before their part has failed: the log keeps requests for a week. */
const mostAsks = 7;
const jobsAtOnce = 20;

export type PrivacyUpkeep = ReturnType<typeof createPrivacyUpkeep>;

/** What is done about privacy jobs as time goes by. Several instances do all of it: each is as good done twice. */
export function createPrivacyUpkeep({
  store,
  events,
  answers,
  homePage,
}: {
  store: Database;
  events: IdentityEvents;
  answers: ToldAnswers;
  homePage: string;
}) {
  /** Once, also where two instances are about to. */
  async function askOnce(job: PrivacyJob, services: readonly string[]): Promise<void> {
    await store.transaction(async (tx) => {
      const locked = await tx.privacyJobs.lock(job.organisationId, job.id);
      if (locked?.state !== 'RUNNING' || locked.asks !== job.asks) return;
      await tx.privacyJobs.updateAsked(locked);
      await events.personalDataRequested(tx, locked, { homePage, services });
    });
  }

  return {
    /** Archives are deleted when their time is over. */
    expire: async (now = new Date()): Promise<void> => {
      let expired: number;
      do {
        expired = await store.transaction(async (tx) => {
          const over = await tx.privacyJobs.updateExpired(now, jobsAtOnce);
          for (const { organisationId, id } of over) {
            const [job] = await tx.privacyJobs.selectMany(organisationId, [id]);
            if (job) await events.privacyJobChanged(tx, job);
          }
          return over.length;
        });
      } while (expired === jobsAtOnce);
    },

    /** Who has not answered for a day is asked again, and in the end not waited for any more. */
    askAgain: async (now = new Date()): Promise<void> => {
      const before = new Date(now.getTime() - dayMs);
      for (const job of await store.privacyJobs.selectUnanswered(before, jobsAtOnce)) {
        const silent = job.parts
          .filter(({ state, service }) => state === 'WAITING' && service !== 'identity')
          .map(({ service }) => service);
        const failure = `It has not answered for ${mostAsks} days.`;
        if (job.asks >= mostAsks && silent.length > 0) await answers.giveUp(job, silent, failure);
        else await askOnce(job, silent);
      }
    },

    /** The mail that tells of an erasure is the last thing that has the address. */
    forgetMails: async (): Promise<void> => {
      await store.mails.deleteSettled('personErased');
    },
  };
}
