import {
  createPersonalDataAnswers,
  type PersonalDataReport,
  type PersonalDataRequest,
  type TableDecisions,
} from '@lyceum/events/personal-data';
import type { IdentityEvents } from '../../events/identity-events.ts';
import { mailLanguage } from '../../mails/render-template.ts';
import type { PrivacyJob } from '../../store/privacy-jobs.ts';
import type { Database, Store } from '../../store/store.ts';
import { writeMail, type Envelope } from '../account-mails.ts';
import { recordAct, system } from '../audit.ts';
import type { Departures } from '../departures.ts';
import type { ToldAnswers } from './told-answers.ts';

export type OwnPart = ReturnType<typeof createOwnPart>;

/** What identity itself holds of people: gathered as the others do, and erased when all others have. */
export function createOwnPart(options: {
  store: Database;
  events: IdentityEvents;
  departures: Departures;
  answers: ToldAnswers;
  tables: TableDecisions;
  homePage: string;
}) {
  const { store, events, departures, answers, tables, homePage } = options;

  /** Who was taken back meanwhile, or never quite out, is out now. */
  async function leave(tx: Store, request: PersonalDataRequest): Promise<PersonalDataReport[]> {
    const { organisationId, userId } = request;
    await tx.memberships.lockOrganisation(organisationId);
    await tx.users.lock(userId);
    await departures.takeOut(tx, { organisationId, userId });
    const groups = await leaveGroups(tx, request);
    const [member] = await tx.memberships.selectMany(organisationId, [userId]);
    if (member) {
      const { revision, createdAt } = member;
      await tx.erasedPeople.upsert({ organisationId, userId, revision, createdAt });
    }
    return groups === 0 ? [] : [{ what: 'groups', action: 'DELETED', count: groups }];
  }

  async function leaveGroups(tx: Store, { organisationId, userId }: PersonalDataRequest): Promise<number> {
    const groups = await tx.groups.selectManyOfUsers(organisationId, [userId]);
    for (const group of groups) {
      const removed = await tx.groups.deleteMembers(organisationId, group.id, [userId]);
      await events.groupMembersChanged(tx, group, { added: [], removed });
    }
    return groups.length;
  }

  /** The last that the address is used for. The mail is forgotten when it was sent (upkeep.ts). */
  async function tellErased(tx: Store, envelope: Envelope | undefined, request: PersonalDataRequest) {
    const { organisationId, userId } = request;
    if (envelope) await writeMail(tx, 'personErased', { organisation: envelope.sender }, envelope);
    await recordAct(tx, { act: 'person.erase.finish', by: system, organisationId, subjectId: userId });
  }

  const own = createPersonalDataAnswers<Store>({
    service: 'identity',
    tables,
    database: store,
    tell: { piece: answers.takePiece, done: answers.takeDone },
    erase: async (tx, request, eraseTables) => {
      const envelope = await envelopeOf(tx, request);
      const report = [...(await leave(tx, request)), ...(await eraseTables())];
      // Also of what is being gathered at this moment.
      await tx.privacyJobs.updateSuperseded({ ...request, id: request.jobId });
      await tellErased(tx, envelope, request);
      return report;
    },
  });

  return {
    /** Rejects where a step failed and is to be tried again. */
    async answer(job: PrivacyJob, signal: AbortSignal): Promise<void> {
      await own.answer(await requestOf(store, job, homePage), signal);
    },
  };
}

/** Of the mail to somebody who is about to be forgotten. */
async function envelopeOf(
  tx: Store,
  { organisationId, userId }: PersonalDataRequest,
): Promise<Envelope | undefined> {
  const [member] = await tx.memberships.selectMany(organisationId, [userId]);
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  if (!member || !organisation) return undefined;
  return { recipient: member.email, locale: mailLanguage(member.locale), sender: organisation.name };
}

/** Identity's own rows are found by the account's address also where nobody has proved it. */
async function requestOf(store: Store, job: PrivacyJob, homePage: string): Promise<PersonalDataRequest> {
  const { organisationId, userId, id: jobId, createdAt, askedAt } = job;
  const [member] = await store.memberships.selectMany(organisationId, [userId]);
  return {
    jobId,
    organisationId,
    userId,
    kind: job.kind as PersonalDataRequest['kind'],
    emails: [...new Set([...job.emails, ...(member ? [member.email] : [])])],
    homePage,
    requestedAt: createdAt.toISOString(),
    eventId: askedAt.toISOString(),
  };
}
