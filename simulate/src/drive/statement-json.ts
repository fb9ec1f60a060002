import { activityIri, agentOf, verbs } from '@lyceum/xapi';
import type { StatementAction } from '../plan/action.ts';
import type { CourseItem } from '../plan/course.ts';
import type { EnlistedLearner } from './enlist.ts';

/** xAPI activity types by the kind of item (https://registry.tincanapi.com, ADL vocabulary). */
const activityTypes: Readonly<Record<CourseItem['type'], string>> = {
  PAGE: 'http://adlnet.gov/expapi/activities/lesson',
  VIDEO: 'http://adlnet.gov/expapi/activities/media',
  DOCUMENT: 'http://adlnet.gov/expapi/activities/file',
  QUIZ: 'http://adlnet.gov/expapi/activities/assessment',
  EXTERNAL: 'http://adlnet.gov/expapi/activities/simulation',
};

const progressExtension = 'https://w3id.org/xapi/cmi5/result/extensions/progress';

/**
 * The statement of an action, as a learner's tool would send it.
 *
 * @param startsAt milliseconds since the epoch at which the simulation's time begins
 * @param now milliseconds; nothing is said to have happened later
 */
export function statementJson(
  action: StatementAction,
  { learner, userId }: EnlistedLearner,
  context: { publicUrl: string; startsAt: number; now: number },
): string {
  const { course, item, verb } = action;
  return JSON.stringify({
    id: action.id,
    actor: { ...agentOf(context.publicUrl, userId), name: learner.name },
    verb: { id: verbs[verb], display: { en: verb } },
    object: {
      id: activityIri(context.publicUrl, item.id),
      definition: { name: { en: item.title }, type: activityTypes[item.type] },
    },
    ...(action.result === undefined ? {} : { result: resultOf(action.result) }),
    context: {
      registration: action.registration,
      platform: 'Lyceum simulation',
      contextActivities: { grouping: [{ id: activityIri(context.publicUrl, course.id) }] },
    },
    timestamp: new Date(Math.min(context.startsAt + action.at * 1000, context.now)).toISOString(),
  });
}

function resultOf({ progress, ...result }: NonNullable<StatementAction['result']>) {
  return progress === undefined ? result : { ...result, extensions: { [progressExtension]: progress } };
}
