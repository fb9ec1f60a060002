import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import {
  createSystem,
  eventually,
  graphqlClient,
  type GraphQLAnswer,
  type GraphQLClient,
  type System,
} from '@lyceum/testing';
import { demoSecret, logIn, tryToLogIn, type Person } from './kit/people.ts';
import { completion, postStatements } from './kit/records.ts';
import { openScreen } from './kit/screen.ts';

// A parent of the demo learner, over the gateway: what they see, live too, and where it ends.

let system: System;
let admin: Person;
let child: Person;
let other: { id: string };
const email = `${newId('parent')}@lyceum.example`;
let parentId: string;

beforeAll(async () => {
  system = createSystem();
  await system.start();
  admin = await logIn(system, 'admin');
  child = await logIn(system, 'learner');
  parentId = await newMember('OBSERVER', email);
  other = { id: await newMember('LEARNER', `${newId('other')}@lyceum.example`) };
}, 120_000);
afterAll(() => system.delete(), 30_000);

async function newMember(role: string, address: string): Promise<string> {
  const input = { name: `Some ${role}`, email: address, password: demoSecret, roles: [role] };
  const { userCreate } = await admin.ask<{ userCreate: { user: { id: string } } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { message } } }',
    { input },
  );
  return userCreate.user.id;
}

/** The parent with a new access token. */
async function parentNow(): Promise<{ token: string; ask: GraphQLClient }> {
  const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
  const token = sessionCreate.tokens?.accessToken ?? '';
  return { token, ask: graphqlClient(system.url('gateway'), token) };
}

interface Seen {
  viewer: { observing: { id: string; learner: { id: string } & Learning }[] };
}
interface Learning {
  enrolments: { nodes: { course: { id: string }; progress: { percent: number } }[] } | null;
}

const seen = `{ viewer { observing { id learner { id name
  enrolments { nodes { course { id title } progress { percent } } } } } } }`;

const codesOf = ({ errors }: GraphQLAnswer<unknown>) => errors?.map(({ extensions }) => extensions['code']);

const about = (id: string) => ({
  enrolments: `{ user(id: "${id}") { enrolments { totalCount } } }`,
  statements: `{ statements(filter: { actor: "${id}" }) { totalCount } }`,
});

test('an observer sees their learner, live too, nobody else, and nothing once it has ended', async () => {
  const before = await parentNow();
  expect(codesOf(await before.ask(about(child.id).enrolments))).toEqual(['FORBIDDEN']);
  const { observationCreate } = await admin.ask<{ observationCreate: { observation: { id: string } } }>(
    'mutation ($input: ObservationCreateInput!) { observationCreate(input: $input) { observation { id } } }',
    { input: { observerId: parentId, learnerId: child.id } },
  );

  const parent = await parentNow();
  const { data, errors } = await parent.ask<Seen>(seen);
  expect(errors).toBeUndefined();
  const [observation] = data.viewer.observing;
  expect(observation?.learner.id).toBe(child.id);
  const { course } = observation!.learner.enrolments!.nodes[0]!;
  for (const query of Object.values(about(child.id))) {
    expect(codesOf(await parent.ask(query))).toBeUndefined();
  }
  for (const query of Object.values(about(other.id))) {
    expect(codesOf(await parent.ask(query))).toEqual(['FORBIDDEN']);
  }
  for (const query of [
    '{ users { totalCount } }',
    `{ course(id: "${course.id}") { progresses { totalCount } } }`,
  ])
    expect(codesOf(await parent.ask(query))).toEqual(['FORBIDDEN']);
  const { data: attempts } = await parent.ask<{ attempts: { nodes: { learner: { id: string } }[] } }>(
    '{ attempts(first: 100) { nodes { learner { id } } } }',
  );
  expect(attempts.attempts.nodes.filter(({ learner }) => learner.id !== child.id)).toEqual([]);

  const screen = await openScreen<{ progressUpdated: { learner: { id: string }; percent: number } }>(
    system,
    'subscription { progressUpdated { percent learner { id } } }',
    { ...child, token: parent.token },
  );
  const upcoming = screen.next();
  await completeNext(course.id);
  expect((await upcoming).data.progressUpdated.learner).toEqual({ id: child.id });
  await screen.close();
  await eventually(async () => {
    const { data: told } = await parent.ask<{ statements: { totalCount: number } }>(
      about(child.id).statements,
    );
    expect(told.statements.totalCount).toBeGreaterThan(0);
  });

  await admin.ask(
    'mutation ($id: ID!) { observationRemove(input: { observationId: $id }) { observationId } }',
    {
      id: observationCreate.observation.id,
    },
  );
  const after = await parentNow();
  expect((await after.ask<Seen>(seen)).data.viewer.observing).toEqual([]);
  for (const query of Object.values(about(child.id)))
    expect(codesOf(await after.ask(query))).toEqual(['FORBIDDEN']);
});

/** The learner completes an item that is not done yet. */
async function completeNext(courseId: string): Promise<void> {
  const { course, progress } = await child.ask<{
    course: { modules: { items: { id: string; type: string; required: boolean }[] }[] };
    progress: { modules: { items: { status: string; item: { id: string } }[] }[] };
  }>(
    `query ($id: ID!) {
      course(id: $id) { modules { items { id type required } } }
      progress(courseId: $id) { modules { items { status item { id } } } }
    }`,
    { id: courseId },
  );
  const begun = new Set(progress.modules.flatMap(({ items }) => items).map(({ item }) => item.id));
  const items = course.modules.flatMap((module) => module.items);
  const next = items.find(({ id, type, required }) => required && type !== 'QUIZ' && !begun.has(id));
  expect((await postStatements(system, [completion(system, child.id, next!.id)])).status).toBe(200);
}
