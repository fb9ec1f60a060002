import { percentile } from './percentile.ts';
import type { Tally } from './tally.ts';

/** What the run did, for people. */
export function summary(
  tally: Tally,
  facts: { seconds: number; learners: number; coursesCompleted: number | undefined; seed: number },
): string {
  const { counts } = tally;
  const rate = facts.seconds > 0 ? counts.statementsAccepted / facts.seconds : 0;
  return [
    '',
    row('learners', `${facts.learners} (seed ${facts.seed})`),
    row('statements', `${number(counts.statementsSent)} sent, ${number(counts.statementsAccepted)} accepted`),
    row('', `${number(rate)} a second over ${facts.seconds.toFixed(1)} s`),
    row('quizzes', `${number(counts.quizzes)} taken, ${number(counts.quizzesPassed)} passed`),
    row(
      'courses completed',
      facts.coursesCompleted === undefined ? 'not counted' : number(facts.coursesCompleted),
    ),
    row('POST of statements', latencies(tally.latencies('statements'))),
    row('GraphQL request', latencies(tally.latencies('graph'))),
    row('tried again', kinds(tally.retries())),
    row('errors', kinds(tally.errors())),
    '',
  ].join('\n');
}

function latencies(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  const sorted = values.toSorted((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(sorted, share).toFixed(1));
  return `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms (${number(values.length)} requests)`;
}

function kinds(map: ReadonlyMap<string, number>): string {
  const entries = [...map].sort((a, b) => b[1] - a[1]);
  return entries.length === 0
    ? 'none'
    : entries.map(([kind, count]) => `${kind} × ${number(count)}`).join('; ');
}

const number = (value: number) => Math.round(value).toLocaleString('en');
const row = (name: string, value: string) => `  ${name.padEnd(20)} ${value}`;
