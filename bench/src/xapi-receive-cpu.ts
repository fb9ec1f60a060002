import {
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  inspectStatements,
  scanJson,
  type Statement,
} from '@lyceum/xapi';
// By path: a part of the receiver, measured by itself.
import { readStatements } from '../../lrs/src/receive/read-statements.ts';
import { median, printReport, round } from './report/report.ts';
import { statementBody } from './xapi/statements.ts';

// `npm run bench -- xapi-receive-cpu [rounds]`: microseconds of CPU a statement that the parts of receiving take, in this
// process, in batches of 100, collecting garbage included. Bare: what the bare server does with the same bytes. Without
// HTTP, ids and the log, whose cost `xapi-batch` has in it.

const [rounds = 7] = process.argv.slice(2).map(Number);
const batch = 100;
const bodies = Array.from({ length: 16 }, () => statementBody(batch).bytes);
const texts = bodies.map((body) => body.toString('latin1'));
const values = texts.map((text) => JSON.parse(text) as unknown);
const sent = bodies.map((body) => readStatements(body, '1.0').statements);
const clock = createStoredClock();
const stamp = createStamper({
  authority: {
    objectType: 'Agent',
    name: 'Bench',
    account: { homePage: 'http://localhost:4000/xapi', name: 'lrskey_bench' },
  },
  version: '1.0.0',
});
const room = Buffer.allocUnsafeSlow(256 * 1024);

function encode(statements: readonly { statement: Statement; text: string }[] = []): unknown {
  const stamped = statements.map(({ statement, text }) => stamp(statement, text, clock.next()));
  return encodeStatementBatch(
    { organisationId: 'org_bench', publicUrl: 'http://localhost:4000', statements: stamped },
    room,
  );
}

const empty = Buffer.from('[]');
const parts: Record<string, (turn: number) => unknown> = {
  scan: (turn) => scanJson(texts[turn] ?? ''),
  parse: (turn) => JSON.parse(texts[turn] ?? '') as unknown,
  validate: (turn) => inspectStatements(values[turn]),
  'stamp, encode': (turn) => encode(sent[turn]),
  'all of these': (turn) => encode(readStatements(bodies[turn] ?? empty, '1.0').statements),
  bare: (turn) => JSON.stringify(JSON.parse(String(bodies[turn]))),
};

const taken: Record<string, number[]> = {};
// The parts in turns, so that a slower moment of the machine falls on all; the first round warms up.
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, work] of Object.entries(parts)) {
    const times = (taken[name] ??= []);
    if (round > 0) times.push(microsOf(work));
    else microsOf(work);
  }
}

function microsOf(work: (turn: number) => unknown): number {
  const turns = 160;
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn += 1) work(turn % bodies.length);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (turns * batch);
}

const figures = Object.fromEntries(
  Object.entries(taken).map(([name, times]) => [name, round(median(times))]),
);
printReport(
  Object.entries(figures).map(([part, micros]) => ({ part, 'µs a statement': micros })),
  {
    bench: 'xapi-receive-cpu',
    figures,
    ratios: { 'validate.ofParse': round((figures['validate'] ?? NaN) / (figures['parse'] ?? NaN)) },
  },
);
