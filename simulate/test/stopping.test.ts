import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { readEnv } from '../src/env.ts';
import { simulate } from '../src/simulate.ts';

/** A day: whatever ends sooner was stopped. */
const args = { learners: 40, rate: 'max', minutes: 1_440, seed: 1 } as const;

const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: '2100-01-01T00:00:00Z' };
const quiz = { id: 'item_1', title: 'Quiz', type: 'QUIZ', assessment: { id: 'assessment_1' } };
const course = { id: 'course_1', title: 'Course', modules: [{ items: [quiz] }] };

/** By the operation's name, as a system answers in which all is well. */
const answers: Readonly<Record<string, object>> = {
  LogIn: { sessionCreate: { tokens } },
  Courses: { courses: { nodes: [course], pageInfo: { hasNextPage: false, endCursor: null } } },
  CreateUser: { userCreate: { user: { id: 'user_1' } } },
  Enrol: { enrolmentCreate: { enrolment: { id: 'enrolment_1' } } },
  Completed: { course: { progresses: { totalCount: 0 } } },
  AnswerKeys: {
    assessment: {
      questions: [{ id: 'question_1', version: { type: 'TRUE_FALSE', trueFalseKey: { isTrue: true } } }],
    },
  },
  StartAttempt: {
    attemptStart: {
      attempt: {
        id: 'attempt_1',
        state: 'IN_PROGRESS',
        responses: [{ question: { question: { id: 'question_1' } } }],
      },
    },
  },
};

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A system that is well but for one operation, to which it answers `status`, or nothing at all. */
async function systemWithout(
  missing: string,
  status?: number,
): Promise<{ url: string; asked: Promise<void> }> {
  const asked = new Promise<void>((resolve) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.url !== '/graphql') return response.end('[]');
        const [, name = ''] = /\w+ (\w+)/.exec((JSON.parse(body) as { query: string }).query)!;
        if (name !== missing) return response.end(JSON.stringify({ data: answers[name] }));
        resolve();
        return status === undefined ? undefined : response.writeHead(status).end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked };
}

test.each([
  ['is away while accounts are created', 'CreateUser', 503],
  ['does not answer while accounts are created', 'CreateUser', undefined],
  ['is away in the middle of a quiz', 'Answer', 503],
  ['does not answer in the middle of a quiz', 'Answer', undefined],
])(
  'a run that is asked to stop ends without a fault, also where the system %s',
  async (_when, missing, status) => {
    const system = await systemWithout(missing, status);
    const stop = new AbortController();
    const out = new PassThrough();
    const env = readEnv({ PUBLIC_URL: system.url, LRS_URL: system.url });
    const run = simulate({ args, env, out: out as unknown as NodeJS.WriteStream, stop: stop.signal });
    await system.asked;
    stop.abort();
    expect(await run).toBe(true);
    const said = String(out.read());
    expect(said).toMatch(missing === 'Answer' ? /errors +none/ : /Stopped before the learners began/);
  },
);
