import { randomUUID } from 'node:crypto';

/** A body of statements whose ids can be renewed in place, so that no two requests send the same ones. */
export interface StatementBody {
  readonly bytes: Buffer;
  renewIds(): void;
}

const verbs = ['completed', 'passed', 'answered', 'experienced', 'progressed', 'initialized', 'terminated'];
const home = 'http://localhost:4000';
let made = 0;

/** One of the kinds of statements that a course player sends: some 940 bytes on average. */
function statement(index: number) {
  const verb = verbs[index % verbs.length] ?? 'completed';
  const course = { objectType: 'Activity', id: `${home}/xapi/activities/course_01k9zq7x8pfb5t3m6d` };
  const graded = verb === 'passed' || verb === 'answered';
  return {
    id: randomUUID(),
    actor: {
      objectType: 'Agent',
      name: `Learner ${String(index % 37)}`,
      account: { homePage: home, name: `user_01k9zq7x8pfb5t3m6d${String(index % 37)}` },
    },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { 'en-US': verb } },
    object: {
      objectType: 'Activity',
      id: `${home}/xapi/activities/item_01k9zq7x8pfb5t3m6d${String(index % 53)}`,
      definition: {
        name: { en: 'Shortest paths in a graph' },
        type: 'http://adlnet.gov/expapi/activities/module',
      },
    },
    ...(graded && {
      result: {
        score: { scaled: 0.85, raw: 17, min: 0, max: 20 },
        success: true,
        response: 'a[,]c',
        duration: 'PT2M31.4S',
      },
    }),
    ...(verb === 'completed' && { result: { completion: true, duration: 'PT12M' } }),
    context: {
      registration: randomUUID(),
      platform: 'Lyceum',
      language: 'en-US',
      contextActivities: { parent: [course], grouping: [course] },
      ...(index % 3 === 0 && {
        extensions: { 'https://lyceum.example/position': { seconds: index * 1.5, chapter: null } },
      }),
    },
    timestamp: new Date().toISOString(),
  };
}

/** An array of `count` statements, or one by itself where `count` is 1. */
export function statementBody(count: number): StatementBody {
  const statements = Array.from({ length: count }, (_, index) => statement(index + count * 7));
  const [first] = statements;
  const bytes = Buffer.from(JSON.stringify(count === 1 ? first : statements));
  const places = statements.map(({ id }) => bytes.indexOf(id));
  return {
    bytes,
    renewIds() {
      for (const place of places) {
        made += 1;
        // The last group of a UUID, 12 digits; the rest stays random.
        bytes.write(made.toString(16).padStart(12, '0'), place + 24, 'latin1');
      }
    },
  };
}
