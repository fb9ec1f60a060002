import { setTimeout as delay } from 'node:timers/promises';
import type { Outline } from '../domain/count-course.ts';
import type { LearningEvents } from '../events/learning-events.ts';
import type { LearnerKey } from '../store/learners.ts';
import type { Database } from '../store/store.ts';
import { differencesOf, type Difference, type KeptProgress } from './differences.ts';
import { repair } from './repair.ts';
import type { NamedLearner, ToldEvidence } from './told-evidence.ts';

export interface RebuildOptions {
  readonly store: Database;
  readonly told: ToldEvidence;
  readonly events: LearningEvents;
  /** Only compare. */
  readonly check: boolean;
  /** How long a difference must stay to be one: statements are on their way to either side. Milliseconds. */
  readonly settleMs: number;
  /** Called for each difference, as it is found. */
  readonly onDifference: (difference: Difference) => void;
  /** Learners looked at together: bounds memory. */
  readonly batchSize?: number;
}

/**
 * Compares everybody's progress with what all statements together say, and unless `check`, repairs it. Walks through
 * the learners in bounded steps, while the system works.
 */
export async function rebuild(options: RebuildOptions): Promise<{ learners: number; differences: number }> {
  const { store, batchSize = 500 } = options;
  let [learners, differences] = [0, 0];
  for (let after: LearnerKey = { organisationId: '', learnerId: '' }; ;) {
    const batch = await store.learners.selectManyAfter(after, batchSize);
    const last = batch.at(-1);
    if (!last) return { learners, differences };
    for (const [organisationId, learnerIds] of byOrganisation(batch)) {
      differences += await rebuildSome(options, organisationId, learnerIds);
    }
    learners += batch.length;
    after = last;
  }
}

async function rebuildSome(
  options: RebuildOptions,
  organisationId: string,
  learnerIds: string[],
): Promise<number> {
  const deadline = Date.now() + options.settleMs;
  let wrong = learnerIds;
  for (;;) {
    const differences = await compare(options, organisationId, wrong);
    wrong = [...new Set(differences.map(({ learnerId }) => learnerId))];
    if (wrong.length > 0 && Date.now() < deadline) {
      await delay(Math.min(500, options.settleMs));
      continue;
    }
    differences.forEach(options.onDifference);
    if (wrong.length > 0 && !options.check) await repairSome(options, organisationId, wrong);
    return differences.length;
  }
}

async function compare(options: RebuildOptions, organisationId: string, learnerIds: readonly string[]) {
  if (learnerIds.length === 0) return [];
  const { store, told } = options;
  const names = await namesOf(store, organisationId, learnerIds);
  return differencesOf(
    await keptProgress(store, organisationId, learnerIds),
    await told.select(organisationId, names),
  );
}

async function repairSome(
  { store, events, told }: RebuildOptions,
  organisationId: string,
  learnerIds: readonly string[],
) {
  const names = await namesOf(store, organisationId, learnerIds);
  await repair(store, events, { organisationId, learnerIds, told: await told.select(organisationId, names) });
}

async function keptProgress(
  store: Database,
  organisationId: string,
  learnerIds: readonly string[],
): Promise<KeptProgress> {
  const items = await store.itemProgress.selectManyOfLearners(organisationId, learnerIds);
  const courses = await store.courseProgress.selectManyOfLearners(organisationId, learnerIds);
  const modules = await store.moduleProgress.selectManyOf(organisationId, courses);
  const courseIds = [...new Set(courses.map(({ courseId }) => courseId))];
  const outlines = new Map<string, Outline>();
  for (const courseId of courseIds) {
    outlines.set(courseId, await store.courses.selectOutline(organisationId, courseId));
  }
  return { items, courses, modules, outlines };
}

async function namesOf(
  store: Database,
  organisationId: string,
  learnerIds: readonly string[],
): Promise<NamedLearner[]> {
  const mailboxes = await store.mailboxes.selectManyOfUsers(learnerIds);
  return learnerIds.map((learnerId) => ({
    organisationId,
    learnerId,
    addresses: mailboxes.filter(({ userId }) => userId === learnerId).map(({ address }) => address),
  }));
}

function byOrganisation(learners: readonly LearnerKey[]): Map<string, string[]> {
  const organisations = new Map<string, string[]>();
  for (const { organisationId, learnerId } of learners) {
    organisations.set(organisationId, [...(organisations.get(organisationId) ?? []), learnerId]);
  }
  return organisations;
}
