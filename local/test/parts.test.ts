import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createBackOff } from '@lyceum/service';
import { dataLiteracy } from '../src/demo/courses/data-literacy.ts';
import { energyInNumbers } from '../src/demo/courses/energy-in-numbers.ts';
import { laboratorySafety } from '../src/demo/courses/laboratory-safety.ts';
import type { DemoItem } from '../src/demo/course.ts';
import { createRunStateWriter, readRunState, type RunState } from '../src/data/run-state.ts';
import { layout } from '../src/layout.ts';
import { services } from '../src/services.ts';
import { parseLags } from '../src/status/measure-services.ts';
import { age } from '../src/status/render-status.ts';
import { openLogFile } from '../src/supervise/log-file.ts';
import { readableLogLine } from '../src/terminal/log-line.ts';

describe('back-off', () => {
  test('doubles with each crash of a minute, up to ten seconds, and forgets', () => {
    const backOff = createBackOff();
    const pauses = [0, 1, 2, 3, 4, 5, 6, 7].map((second) => backOff.afterCrash(second * 1_000).pauseMs);
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(backOff.afterCrash(120_000)).toEqual({ pauseMs: 250, recentCrashes: 1 });
  });
});

describe('a log file', () => {
  test('is bounded: the newest lines stay, with one predecessor', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lyceum-log-'));
    const file = join(folder, 'catalog.log');
    const log = openLogFile(file, () => undefined, 1_000);
    for (let line = 0; line < 100; line += 1) log.write(`line ${line} ${'x'.repeat(30)}`);
    log.close();
    expect(readFileSync(file, 'utf8')).toContain('line 99 ');
    expect(readFileSync(file).length + readFileSync(`${file}.1`).length).toBeLessThan(2_200);
    rmSync(folder, { recursive: true });
  });

  test('that can’t be written is told once and does not stop the system', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lyceum-log-'));
    writeFileSync(join(folder, 'file'), '');
    const faults: string[] = [];
    const log = openLogFile(join(folder, 'file', 'catalog.log'), (reason) => faults.push(reason));
    log.write('lost');
    log.close();
    expect(faults).toEqual([expect.stringContaining('ENOTDIR')]);
    rmSync(folder, { recursive: true });
  });
});

describe('the state file', () => {
  const state: RunState = {
    pid: 1,
    since: '2026-11-21T12:00:00Z',
    engines: { PostgreSQL: 'embedded', ClickHouse: 'embedded', 'event log': 'embedded' },
    publicUrl: 'http://localhost:4000',
    ports: {},
    services: [],
    processes: [],
  };

  test('that can’t be written is told once, does not stop the system, and is written when it can be', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lyceum-state-'));
    const [data, file] = [join(folder, 'data'), join(folder, 'data', 'run.json')];
    const faults: string[] = [];
    const note = createRunStateWriter(file, (reason) => faults.push(reason));
    note(state);
    note(state);
    expect(faults).toEqual([expect.stringContaining('ENOENT')]);
    mkdirSync(data);
    note(state);
    expect(readRunState(file)).toEqual(state);
    rmSync(data, { recursive: true });
    note(state);
    expect(faults).toHaveLength(2);
    rmSync(folder, { recursive: true });
  });
});

describe('a line of a log', () => {
  const line = (fields: object) =>
    JSON.stringify({ level: 40, time: 0, service: 'catalog', msg: 'slow', ...fields });

  test('is shown from warning on, in words', () => {
    expect(readableLogLine(line({}))).toMatch(/^\d\d:\d\d:\d\d catalog warning: slow$/);
    expect(readableLogLine(line({ level: 50, err: { message: 'gone' } }))).toMatch(
      /catalog error: slow: gone$/,
    );
  });

  test('is one line, whatever the error', () => {
    const shown = readableLogLine(
      line({ err: { message: `\n\nInvalid call:\n${'x'.repeat(900)}\n the point` } }),
    );
    expect(shown).not.toContain('\n');
    expect(shown).toMatch(/slow: Invalid call: x+ … x+ the point$/);
    expect(shown!.length).toBeLessThan(400);
  });

  test('is left to the file when it is of no concern, or not a log line', () => {
    expect(readableLogLine(line({ level: 30 }))).toBeUndefined();
    expect(readableLogLine('{"level":40')).toBeUndefined();
    expect(readableLogLine('Debugger attached.')).toBeUndefined();
  });
});

describe('the layout', () => {
  test('runs every service once', () => {
    expect(layout.flatMap((process) => process.services).sort()).toEqual(Object.keys(services).sort());
  });

  test('keeps the statement path apart from the graph', () => {
    const mixed = layout.filter(
      ({ services: names }) => names.some((name) => name.startsWith('lrs-')) && names.length > 1,
    );
    expect(mixed).toEqual([]);
  });
});

describe('status', () => {
  test('sums a group’s lag over partitions', () => {
    const page = [
      '# TYPE lyceum_log_consumer_lag gauge',
      'lyceum_log_consumer_lag{group="learning",topic="statements",partition="0",service="learning"} 3',
      'lyceum_log_consumer_lag{group="learning",topic="statements",partition="1",service="learning"} 4',
      'lyceum_log_consumer_lag{group="learning",topic="catalog.events",partition="0",service="learning"} 0',
    ].join('\n');
    expect(parseLags(page)).toEqual([
      { group: 'learning', topic: 'statements', records: 7 },
      { group: 'learning', topic: 'catalog.events', records: 0 },
    ]);
  });

  test('tells ages in two units', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    expect(age('2026-11-21T11:59:18Z', now)).toBe('42 s');
    expect(age('2026-11-21T11:55:18Z', now)).toBe('4 min 42 s');
    expect(age('2026-11-21T08:55:00Z', now)).toBe('3 h 5 min');
  });
});

describe('the demo courses', () => {
  const courses = [dataLiteracy, laboratorySafety, energyInNumbers];
  const itemsOf = (course: (typeof courses)[number]): DemoItem[] =>
    course.modules.flatMap((module) => [...module.items]);

  test.each(courses)('$title has items of every type and a quiz with questions of all kinds', (course) => {
    const items = itemsOf(course);
    expect(new Set(items.map(({ type }) => type)).size).toBe(5);
    const questions = items.flatMap((item) => (item.type === 'QUIZ' ? [...item.questions] : []));
    expect(new Set(questions.map(({ kind }) => kind)).size).toBe(4);
  });

  test.each(courses)('$title has right answers, one where one is asked for', (course) => {
    for (const item of itemsOf(course)) {
      for (const question of item.type === 'QUIZ' ? item.questions : []) {
        if (!('choices' in question)) continue;
        const right = question.choices.filter(({ correct }) => correct).length;
        if (question.kind === 'SINGLE_CHOICE') expect(right).toBe(1);
        else expect(right).toBeGreaterThan(1);
      }
    }
  });

  test('name each thing once within its course, since a repeated load finds it by its name', () => {
    for (const course of courses) {
      const names = [
        ...course.modules.map(({ title }) => title),
        ...itemsOf(course).map(({ title }) => title),
      ];
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
