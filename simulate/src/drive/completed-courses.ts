import { setTimeout as delay } from 'node:timers/promises';
import type { Course } from '../plan/course.ts';
import type { Graph } from './graph.ts';
import type { Session } from './sessions.ts';

/** How many times a course was completed by a learner, over all courses. */
export async function countCompleted(
  graph: Graph,
  admin: Session,
  courses: readonly Course[],
): Promise<number> {
  const counts = await Promise.all(
    courses.map(async ({ id }) => countOf(graph, await admin.accessToken(), id)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countOf(graph: Graph, accessToken: string, id: string): Promise<number> {
  const { course } = await graph.request<{ course: { progresses: { totalCount: number | null } } }>(
    'query Completed($id: ID!) { course(id: $id) { progresses(first: 1, filter: { status: COMPLETED }) { totalCount } } }',
    { id },
    accessToken,
  );
  return course.progresses.totalCount ?? 0;
}

const settleMs = 500;
const patienceMs = 15_000;

/** The count when it stops growing: progress follows the statements through the event log. */
export async function countWhenSettled(count: () => Promise<number>): Promise<number> {
  const deadline = Date.now() + patienceMs;
  for (let known = await count(); ;) {
    await delay(settleMs);
    const next = await count();
    if (next === known || Date.now() > deadline) return next;
    known = next;
  }
}
