import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { KnownDeadLetter } from '@lyceum/events';
import DataLoader from 'dataloader';
import type { Activity, LanguageMap } from '@lyceum/xapi';
import type { ActivityBucket } from './domain/course-activity.ts';
import type { DeadLetterPayload } from './domain/dead-letters.ts';
import { ownDefinition, type Definition } from './domain/definitions.ts';
import type { Services } from './services.ts';
import type { BucketWindow } from './store/course-activities.ts';
import type { StatementRow } from './store/statement-row.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders(services: Services, request: RequestContext) {
  const { statements, definitions, knownThings, courseActivities } = services;
  const { storeJobs, statementForwardings, deadLetters } = services;
  const viewer = () => requireViewer(request);
  const windows = new Map<string, DataLoader<string, ActivityBucket[] | null>>();
  const loaderOf = (window: BucketWindow) =>
    new DataLoader<string, ActivityBucket[] | null>(async (ids) => {
      const counted = await courseActivities.counted(viewer(), ids, window);
      return ids.map((id) => counted.get(id) ?? null);
    });
  const definition = new DataLoader<string, Definition | null>(async (iris) => {
    const found = await definitions.ofActivities(viewer(), iris);
    return iris.map((iri) => found.get(iri) ?? null);
  });
  const names = new DataLoader<string, string[]>(async (agents) => {
    const found = await definitions.namesOfAgents(viewer(), agents);
    return agents.map((agent) => found.get(agent) ?? []);
  });
  return {
    storeJob: loaderById(async (ids) => storeJobs.readable(viewer(), ids)),

    statementForwarding: loaderById(async (ids) => statementForwardings.readable(viewer(), ids)),

    statement: loaderById(async (ids) => statements.readable(viewer(), ids)),

    /** The id of the statement that voids one, null where none does. */
    voiding: new DataLoader<StatementRow, string | null, string>(
      async (rows) => {
        const found = await statements.voided(viewer(), rows);
        return rows.map(({ id }) => found.get(id) ?? null);
      },
      { cacheKeyFn: ({ id }) => id },
    ),

    /** What the newest statement with a verb calls it. */
    displayOfVerb: new DataLoader<string, LanguageMap | null>(async (verbs) => {
      const found = await knownThings.displays(viewer(), verbs);
      return verbs.map((verb) => found.get(verb) ?? null);
    }),

    /** What is known of an activity; where nobody who may define it has, what its statement says. */
    definitionOf: async (activity: Activity): Promise<Definition | null> =>
      (await definition.load(activity.id)) ?? ownDefinition(activity),

    /** What an agent was called, the latest first; an anonymous group has no key, and no names. */
    namesOfAgent: async (key: string | null): Promise<string[]> => (key === null ? [] : names.load(key)),

    /** What dead letters hold; null where the viewer may not look into one, or the log no longer has it. */
    deadLetterPayload: new DataLoader<KnownDeadLetter, DeadLetterPayload | null>(async (letters) => {
      const found = await deadLetters.payloads(viewer(), letters);
      return letters.map(({ id }) => found.get(id) ?? null);
    }),

    /** The buckets of a course; null for a course that the organisation does not have. */
    activityOfCourse(courseId: string, window: BucketWindow): Promise<ActivityBucket[] | null> {
      const key = JSON.stringify(window);
      const loader = windows.get(key) ?? loaderOf(window);
      windows.set(key, loader);
      return loader.load(courseId);
    },
  };
}
