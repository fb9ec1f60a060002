import { eventually, graphqlClient, type System } from '@lyceum/testing';

/** A course of many items and the people who take it: enough to move progress for the whole measurement. */
export interface School {
  readonly courseId: string;
  readonly itemIds: readonly string[];
  readonly learnerIds: readonly string[];
  /** Of the instructor who watches. */
  readonly token: string;
}

type Mutate = <Data>(field: string, type: string, selection: string, input: object) => Promise<Data>;

/** Brings a school to a running system with demo data, through its graph. */
export async function foundSchool(
  system: System,
  size: { items: number; learners: number },
): Promise<School> {
  const [author, admin, instructor] = await Promise.all(
    ['author', 'admin', 'instructor'].map((name) => logIn(system, name)),
  );
  if (author === undefined || admin === undefined || instructor === undefined) throw new Error('Nobody came');
  const { courseId, itemIds } = await createCourse(mutator(system, author), size.items);
  const learnerIds = await enrolLearners(mutator(system, admin), courseId, size.learners);
  return { courseId, itemIds, learnerIds, token: instructor };
}

async function logIn(system: System, name: string): Promise<string> {
  const { tokens } = await mutator(system)<{ tokens: { accessToken: string } }>(
    'sessionCreate',
    'SessionCreateInput',
    'tokens { accessToken }',
    { email: `${name}@lyceum.example`, password: 'lyceum-demo' },
  );
  return tokens.accessToken;
}

async function createCourse(mutate: Mutate, items: number) {
  const { course } = await mutate<{ course: { id: string } }>(
    'courseCreate',
    'CourseCreateInput',
    'course { id }',
    { title: 'Live measurement', slug: 'live-measurement', summary: 'Many pages.', language: 'en' },
  );
  const { module } = await mutate<{ module: { id: string } }>(
    'moduleCreate',
    'ModuleCreateInput',
    'module { id }',
    { courseId: course.id, title: 'Pages' },
  );
  const itemIds: string[] = [];
  for (let page = 1; page <= items; page += 1) {
    const { contentItem } = await mutate<{ contentItem: { id: string } }>(
      'contentItemCreate',
      'ContentItemCreateInput',
      'contentItem { id }',
      { moduleId: module.id, title: `Page ${page}`, type: 'PAGE', required: true, body: 'A page.' },
    );
    itemIds.push(contentItem.id);
  }
  await mutate('coursePublish', 'CoursePublishInput', 'course { id }', { id: course.id });
  return { courseId: course.id, itemIds };
}

async function enrolLearners(mutate: Mutate, courseId: string, learners: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= learners; number += 1) {
    const { user } = await mutate<{ user: { id: string } }>('userCreate', 'UserCreateInput', 'user { id }', {
      name: `Learner ${number}`,
      email: `live-${number}@lyceum.example`,
      password: 'lyceum-demo',
      roles: ['LEARNER'],
    });
    // Learning hears of a new member and of a new course a moment later.
    await eventually(() =>
      mutate('enrolmentCreate', 'EnrolmentCreateInput', 'enrolment { id }', {
        courseId,
        learnerId: user.id,
        idempotencyKey: `live-${number}`,
      }),
    );
    ids.push(user.id);
  }
  return ids;
}

/** Calls a mutation by its name; throws what it refuses. */
function mutator(system: System, token?: string): Mutate {
  const ask = graphqlClient(system.url('gateway'), token);
  return async <Data>(field: string, type: string, selection: string, input: object) => {
    const { data, errors } = await ask<Record<string, { userErrors: unknown[] }>>(
      `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { message code } } }`,
      { input },
    );
    const payload = errors ? undefined : data[field];
    if (!payload || payload.userErrors.length > 0) {
      throw new Error(`${field}: ${JSON.stringify(errors ?? payload?.userErrors)}`);
    }
    // The caller says what it selected.
    return payload as unknown as Data;
  };
}
