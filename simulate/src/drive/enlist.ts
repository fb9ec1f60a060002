import { setTimeout as delay } from 'node:timers/promises';
import type { Course } from '../plan/course.ts';
import type { Learner } from '../plan/learner.ts';
import { GraphError, type Graph } from './graph.ts';
import { createSession, type Session } from './sessions.ts';

/** A learner with an account, enrolled in every course. */
export interface EnlistedLearner {
  readonly learner: Learner;
  readonly userId: string;
  readonly session: Session;
}

/** Makes the account, unless an earlier run of the same seed did, and the enrolments. */
export async function enlist(options: {
  graph: Graph;
  admin: Session;
  learner: Learner;
  courses: readonly Course[];
  password: string;
}): Promise<EnlistedLearner> {
  const { graph, admin, learner, courses, password } = options;
  const userId = await ensureUser(graph, admin, learner, password);
  await Promise.all(courses.map((course) => ensureEnrolment(graph, admin, userId, course.id)));
  return { learner, userId, session: createSession(graph, learner.email, password) };
}

async function ensureUser(
  graph: Graph,
  admin: Session,
  { name, email }: Learner,
  password: string,
): Promise<string> {
  try {
    const { userCreate } = await graph.request<{ userCreate: { user: { id: string } } }>(
      `mutation CreateUser($input: UserCreateInput!) {
        userCreate(input: $input) { user { id } userErrors { message code } }
      }`,
      { input: { name, email, password, roles: ['LEARNER'] } },
      await admin.accessToken(),
    );
    return userCreate.user.id;
  } catch (error) {
    if (error instanceof GraphError && error.codes.includes('EMAIL_TAKEN'))
      return findUser(graph, admin, email);
    throw error;
  }
}

async function findUser(graph: Graph, admin: Session, email: string): Promise<string> {
  const { users } = await graph.request<{ users: { nodes: { id: string; email: string }[] } }>(
    'query FindUser($search: String!) { users(first: 10, filter: { search: $search }) { nodes { id email } } }',
    { search: email },
    await admin.accessToken(),
  );
  const found = users.nodes.find((user) => user.email === email);
  if (!found) throw new Error(`${email} is taken, but not found`);
  return found.id;
}

const patienceMs = 30_000;
const pauseMs = 100;

/** Learning hears of a new member through the event log, a moment after identity has made them. */
async function ensureEnrolment(
  graph: Graph,
  admin: Session,
  learnerId: string,
  courseId: string,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await enrol(graph, await admin.accessToken(), learnerId, courseId);
      return;
    } catch (error) {
      const codes = error instanceof GraphError ? error.codes : [];
      if (codes.includes('ALREADY_ENROLLED')) return;
      if (!codes.includes('NOT_FOUND') || Date.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}

async function enrol(graph: Graph, accessToken: string, learnerId: string, courseId: string): Promise<void> {
  await graph.request(
    `mutation Enrol($input: EnrolmentCreateInput!) {
      enrolmentCreate(input: $input) { enrolment { id } userErrors { message code } }
    }`,
    { input: { learnerId, courseId, idempotencyKey: `simulate-${learnerId}-${courseId}` } },
    accessToken,
  );
}
