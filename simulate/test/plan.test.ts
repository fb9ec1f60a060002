import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Action } from '../src/plan/action.ts';
import type { Course } from '../src/plan/course.ts';
import { createLearner } from '../src/plan/learner.ts';
import { profiles, type ProfileName } from '../src/plan/profiles.ts';
import { planStream } from '../src/plan/stream.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const courses: Course[] = ['course_a', 'course_b'].map((id) => ({
  id,
  title: id,
  items: [
    { id: `${id}_page`, title: 'A page', type: 'PAGE', assessmentId: null },
    { id: `${id}_video`, title: 'A video', type: 'VIDEO', assessmentId: null },
    { id: `${id}_quiz`, title: 'A quiz', type: 'QUIZ', assessmentId: `${id}_assessment` },
  ],
}));

function people(seed: number, count: number) {
  return Array.from({ length: count }, (_, index) => createLearner(seed, index));
}

function take(seed: number, learners: number, count: number): Action[] {
  return firstOf(planStream(seed, people(seed, learners), courses), count);
}

function firstOf(stream: Iterator<Action, void>, count: number): Action[] {
  const actions: Action[] = [];
  for (let step = stream.next(); step.done !== true; step = stream.next()) {
    if (actions.push(step.value) === count) break;
  }
  return actions;
}

describe('the stream of a seed', () => {
  test('is the same each time, to the last statement id', () => {
    expect(take(7, 20, 3_000)).toEqual(take(7, 20, 3_000));
  });

  test('is another one for another seed', () => {
    const ids = new Set(take(7, 20, 500).map((action) => JSON.stringify(action)));
    expect(take(8, 20, 500).filter((action) => ids.has(JSON.stringify(action)))).toEqual([]);
  });

  test('has not changed since this version: what was sent once is recognised when it is sent again', () => {
    const digest = createHash('sha256')
      .update(JSON.stringify(take(1, 10, 1_000)))
      .digest('hex');
    expect(digest).toMatchInlineSnapshot(
      `"b6c6c1ed0eee71d850c7e8b887c5edf38f102bd6f0bdbef17ee83f6387e9be89"`,
    );
  });

  test('names every statement once', () => {
    const ids = take(3, 50, 20_000).flatMap((action) => (action.kind === 'statement' ? [action.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => uuid.test(id))).toBe(true);
  });

  test('runs forward in time, for all together', () => {
    const times = take(3, 50, 20_000).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('leaves the other learners as they are when one joins', () => {
    const of = (actions: Action[], learner: number) => actions.filter((action) => action.learner === learner);
    const few = of(take(5, 3, 3_000), 0);
    const more = of(take(5, 4, 3_000), 0);
    const both = Math.min(few.length, more.length);
    expect(both).toBeGreaterThan(100);
    expect(more.slice(0, both)).toEqual(few.slice(0, both));
  });
});

describe('learners', () => {
  const crowd = people(1, 2_000);

  test('have the profiles in their shares', () => {
    for (const [name, { share }] of Object.entries(profiles)) {
      const found = crowd.filter(({ profile }) => profile === name).length / crowd.length;
      expect(Math.abs(found - share)).toBeLessThan(0.04);
    }
  });

  test('have addresses of their own, in plain ASCII', () => {
    expect(new Set(crowd.map(({ email }) => email)).size).toBe(crowd.length);
    expect(crowd.filter(({ email }) => !/^[a-z0-9.-]+@learners\.lyceum\.example$/.test(email))).toEqual([]);
  });

  test('come from many places: no name is more than one in fifty', () => {
    const counts = new Map<string, number>();
    for (const { name } of crowd) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThan(crowd.length / 50);
    expect(counts.size).toBeGreaterThan(300);
  });
});

describe('what learners do', () => {
  const crowd = people(2, 300);
  const actions = firstOf(planStream(2, crowd, courses), 60_000);
  const byProfile = (profile: ProfileName) => {
    const indexes = new Set(crowd.filter((learner) => learner.profile === profile).map(({ index }) => index));
    return { learners: indexes.size, actions: actions.filter(({ learner }) => indexes.has(learner)) };
  };
  const completedEach = (profile: ProfileName) => {
    const { learners, actions: own } = byProfile(profile);
    return (
      own.filter((action) => action.kind === 'statement' && action.verb === 'completed').length / learners
    );
  };

  test('is little at night and most in the evening, by their own clock', () => {
    const hours = actions.map(({ learner, at }) => localHour(at, crowd[learner]!.utcOffsetHours));
    const inHours = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
    expect(inHours(18, 23)).toBeGreaterThan(inHours(1, 6) * 5);
  });

  test('ends early for those who give up, and goes furthest for the fast', () => {
    expect(Math.max(...countsByLearner(byProfile('givesUp').actions))).toBeLessThan(60);
    expect(completedEach('givesUp')).toBeLessThan(completedEach('stuck') + 1);
    expect(completedEach('fast')).toBeGreaterThan(completedEach('stuck'));
  });

  test('includes a quiz up to three times, better each time', () => {
    const quizzes = actions.flatMap((action) => (action.kind === 'quiz' ? [action] : []));
    expect(Math.max(...quizzes.map(({ attempt }) => attempt))).toBe(3);
    expect(new Set(quizzes.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(quizzes.length);
    const knows = (attempt: number) =>
      mean(quizzes.filter((quiz) => quiz.attempt === attempt && quiz.knows < 0.8).map((quiz) => quiz.knows));
    expect(knows(3)).toBeGreaterThan(knows(1));
  });
});

function localHour(at: number, utcOffsetHours: number): number {
  return (Math.floor(at / 3_600) + utcOffsetHours + 24) % 24;
}

function countsByLearner(actions: readonly Action[]): number[] {
  const counts = new Map<number, number>();
  for (const { learner } of actions) counts.set(learner, (counts.get(learner) ?? 0) + 1);
  return [...counts.values()];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
