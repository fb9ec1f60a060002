import { GraphQLError } from 'graphql';
import { startSubgraph, type TestSubgraph } from './subgraph.ts';
import { createTopic, type Topic } from './topic.ts';

export interface ProgressEvent {
  readonly id: string;
  readonly percent: number;
  readonly learner: { readonly id: string } | null;
  readonly course: { readonly id: string } | null;
}

/** Three subgraphs: people, courses (taught by people), and the progress of people in courses, with its events. */
export interface School {
  readonly people: TestSubgraph;
  readonly courses: TestSubgraph;
  readonly progress: TestSubgraph;
  readonly all: readonly TestSubgraph[];
  readonly events: Topic<ProgressEvent | ProgressEvent[]>;
  /** Who teaches every course. */
  readonly teacher: { id: string };
  stop(): Promise<void>;
}

const names: Readonly<Record<string, string>> = { ada: 'Ada', ben: 'Ben', cleo: 'Cleo' };
const titles: Readonly<Record<string, string>> = { algebra: 'Algebra', botany: 'Botany' };

export async function startSchool(): Promise<School> {
  const teacher = { id: 'cleo' };
  const events = createTopic<ProgressEvent | ProgressEvent[]>();
  const [people, courses, progress] = await Promise.all([
    startPeople(),
    startCourses(teacher),
    startProgress(events),
  ]);
  const all = [people, courses, progress];
  return {
    people,
    courses,
    progress,
    all,
    events,
    teacher,
    async stop() {
      await Promise.all(all.map((subgraph) => subgraph.stop()));
    },
  };
}

export const progressOf = (learner: string, course: string, percent: number): ProgressEvent => ({
  id: `${learner}-${course}`,
  percent,
  learner: { id: learner },
  course: { id: course },
});

function startPeople() {
  return startSubgraph({
    name: 'people',
    sdl: `
      type Query { person(id: ID!): Person  people(first: Int, last: Int): PersonConnection!  whoami: String  broken: String }
      type Mutation { rename(id: ID!, name: String!): Person }
      type Person @key(fields: "id") { id: ID!  name: String  greeting(word: String!): String  friends(first: Int): [Person!]! }
      type PersonConnection { nodes: [Person!]! }
    `,
    resolvers: {
      Query: {
        person: (_: unknown, { id }: { id: string }) => ({ id }),
        people: () => ({ nodes: Object.keys(names).map((id) => ({ id })) }),
        whoami: (_: unknown, _arguments: unknown, { authorization }: { authorization?: string }) =>
          authorization,
        broken: () => {
          throw new Error('select * from secrets failed');
        },
      },
      Mutation: { rename: (_: unknown, { id }: { id: string }) => ({ id }) },
      Person: {
        __resolveReference: ({ id }: { id: string }) => (id === 'nobody' ? null : { id }),
        name: ({ id }: { id: string }) => {
          if (id === 'hidden')
            throw new GraphQLError('You may not know.', { extensions: { code: 'FORBIDDEN' } });
          return names[id] ?? id;
        },
        greeting: ({ id }: { id: string }, { word }: { word: string }) => `${word} ${names[id] ?? id}`,
        friends: () => [{ id: 'ben' }, { id: 'cleo' }],
      },
    },
  });
}

function startCourses(teacher: { id: string }) {
  return startSubgraph({
    name: 'courses',
    sdl: `
      type Query { courses: [Course!]! }
      type Course @key(fields: "id") { id: ID!  title: String  teacher: Person }
      type Person @key(fields: "id") { id: ID!  teaches: [Course!]! }
    `,
    resolvers: {
      Query: { courses: () => Object.keys(titles).map((id) => ({ id })) },
      Course: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        title: ({ id }: { id: string }) => titles[id] ?? id,
        teacher: () => ({ ...teacher }),
      },
      Person: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        teaches: () => [{ id: 'algebra' }, { id: 'botany' }],
      },
    },
  });
}

function startProgress(events: Topic<ProgressEvent | ProgressEvent[]>) {
  return startSubgraph({
    name: 'progress',
    sdl: `
      type Query { progress: [Progress!]! }
      type Subscription {
        progressUpdated(courseId: ID): Progress
        progressBatch: [Progress!]!
        forbidden: Progress
        forInstructors: Progress
      }
      type Progress @key(fields: "id") { id: ID!  percent(scale: Int = 100): Int  learner: Person  course: Course }
      type Person @key(fields: "id", resolvable: false) { id: ID! }
      type Course @key(fields: "id", resolvable: false) { id: ID! }
    `,
    resolvers: {
      Query: { progress: () => [progressOf('ada', 'algebra', 10), progressOf('ben', 'botany', 20)] },
      Progress: {
        percent: ({ percent }: ProgressEvent, { scale }: { scale: number }) => (percent * scale) / 100,
      },
      Subscription: {
        progressUpdated: {
          subscribe: (_: unknown, { courseId }: { courseId?: string }) => ofCourse(events, courseId),
          resolve: (event: unknown) => event,
        },
        progressBatch: { subscribe: () => events.iterate(), resolve: (event: unknown) => event },
        forInstructors: {
          subscribe: (_: unknown, _arguments: unknown, { authorization }: { authorization?: string }) => {
            if (!authorization?.endsWith('INSTRUCTOR')) throw needsInstructor();
            return events.iterate();
          },
          resolve: (event: unknown) => event,
        },
        forbidden: {
          subscribe: () => {
            throw needsInstructor();
          },
        },
      },
    },
  });
}

const needsInstructor = () =>
  new GraphQLError('This needs the role INSTRUCTOR.', { extensions: { code: 'FORBIDDEN' } });

/** Not a generator function, so that leaving ends it although no event comes. */
function ofCourse(events: Topic<ProgressEvent | ProgressEvent[]>, courseId: string | undefined) {
  const source = events.iterate();
  return {
    async next(): Promise<IteratorResult<ProgressEvent | ProgressEvent[]>> {
      for (;;) {
        const result = await source.next();
        if (result.done) return result;
        const { value } = result;
        if (courseId === undefined || (!Array.isArray(value) && value.course?.id === courseId)) return result;
      }
    },
    return: () => source.return!(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
