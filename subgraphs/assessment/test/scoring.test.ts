import { describe, expect, test } from '@jest/globals';
import type { Answer, AnswerKey } from '../src/domain/question-kinds.ts';
import { gradeResponse, passes, scoreOf } from '../src/domain/scoring.ts';

const choiceKey = (type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE', right: string, wrong: string): AnswerKey => ({
  type,
  generalFeedback: null,
  choices: Array.from(right + wrong, (id) => ({
    choice: { id, text: id },
    correct: right.includes(id),
    feedback: null,
  })),
});

const chosen = (type: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE', ids: string): Answer => ({
  type,
  choiceIds: Array.from(ids),
});

describe('a single choice', () => {
  const key = choiceKey('SINGLE_CHOICE', 'a', 'bc');

  test.each([
    ['a', 'CORRECT', 2],
    ['b', 'INCORRECT', 0],
    ['c', 'INCORRECT', 0],
  ])('of %s is %s and scores %d of 2', (ids, correctness, score) => {
    expect(gradeResponse(2, key, chosen('SINGLE_CHOICE', ids))).toMatchObject({ correctness, score });
  });
});

describe('a multiple response scores right minus wrong', () => {
  test.each([
    // right, wrong, chosen, correctness, score of 3 points
    ['ab', 'cd', 'ab', 'CORRECT', 3],
    ['ab', 'cd', 'a', 'PARTIALLY_CORRECT', 1.5],
    ['ab', 'cd', 'abc', 'PARTIALLY_CORRECT', 1.5],
    ['ab', 'cd', 'ac', 'INCORRECT', 0],
    ['ab', 'cd', 'abcd', 'INCORRECT', 0],
    ['ab', 'cd', 'c', 'INCORRECT', 0],
    ['ab', 'cd', 'cd', 'INCORRECT', 0],
    ['abc', 'd', 'abcd', 'PARTIALLY_CORRECT', 2],
    ['abc', 'd', 'ab', 'PARTIALLY_CORRECT', 2],
    ['abc', '', 'abc', 'CORRECT', 3],
    ['a', 'bcd', 'a', 'CORRECT', 3],
    ['abcdefg', 'h', 'a', 'PARTIALLY_CORRECT', 0.428571],
  ])('right %s, wrong %s, chosen %s: %s, %d of 3', (right, wrong, ids, correctness, score) => {
    const key = choiceKey('MULTIPLE_RESPONSE', right, wrong);
    expect(gradeResponse(3, key, chosen('MULTIPLE_RESPONSE', ids))).toMatchObject({ correctness, score });
  });

  test('never below 0 nor above the points, whatever is chosen', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (let right = 1; right < 32; right += 1) {
      const isRight = (id: string) => (right & (1 << ids.indexOf(id))) !== 0;
      const key = choiceKey(
        'MULTIPLE_RESPONSE',
        ids.filter(isRight).join(''),
        ids.filter((id) => !isRight(id)).join(''),
      );
      for (let picked = 1; picked < 32; picked += 1) {
        const answer = chosen('MULTIPLE_RESPONSE', ids.filter((_, index) => picked & (1 << index)).join(''));
        const { score, correctness } = gradeResponse(1, key, answer);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(correctness === 'CORRECT').toBe(picked === right);
      }
    }
  });
});

describe('a true/false', () => {
  test.each([
    [true, true, 'CORRECT', 1],
    [true, false, 'INCORRECT', 0],
    [false, false, 'CORRECT', 1],
    [false, true, 'INCORRECT', 0],
  ])('that is %s, answered %s, is %s', (isTrue, answered, correctness, score) => {
    const key: AnswerKey = {
      type: 'TRUE_FALSE',
      isTrue,
      feedbackIfTrue: null,
      feedbackIfFalse: null,
      generalFeedback: null,
    };
    const graded = gradeResponse(1, key, { type: 'TRUE_FALSE', isTrue: answered });
    expect(graded).toMatchObject({ correctness, score });
  });
});

describe('a numerical', () => {
  test.each([
    // value, tolerance, given, right
    [10, 0, 10, true],
    [10, 0, 10.000001, false],
    [10, 1, 9, true],
    [10, 1, 11, true],
    [10, 1, 11.0000001, false],
    [-5, 0.5, -5.5, true],
    [-5, 0.5, 5, false],
    [0, 0, 0, true],
    [0, 0, -0, true],
    [0, 0, Number.MIN_VALUE, false],
    [0, 1e-9, 2e-9, false],
    // 0.4 − 0.3 is 0.10000000000000003 in binary: the bound is included all the same.
    [0.3, 0.1, 0.4, true],
    [0.3, 0, 0.1 + 0.2, true],
    [1e300, 1e290, 1e300, true],
    [6.02214076e23, 1e18, 6.0221e23, false],
    [6.02214076e23, 1e19, 6.0221e23, true],
    [1.1, 0.1, 1.2000001, false],
  ])('%d ± %d answered with %d is right: %s', (value, tolerance, given, right) => {
    const key: AnswerKey = { type: 'NUMERICAL', value, tolerance, generalFeedback: null };
    const { correctness } = gradeResponse(1, key, { type: 'NUMERICAL', value: given });
    expect(correctness).toBe(right ? 'CORRECT' : 'INCORRECT');
  });
});

describe('feedback', () => {
  const key: AnswerKey = {
    type: 'MULTIPLE_RESPONSE',
    generalFeedback: 'In general.',
    choices: [
      { choice: { id: 'a', text: 'A' }, correct: true, feedback: 'On A.' },
      { choice: { id: 'b', text: 'B' }, correct: false, feedback: null },
      { choice: { id: 'c', text: 'C' }, correct: false, feedback: 'On C.' },
    ],
  };

  test.each([
    ['a', ['On A.', 'In general.']],
    ['b', ['In general.']],
    ['ca', ['On A.', 'On C.', 'In general.']],
  ])('on %s is about what was chosen, then in general', (ids, feedback) => {
    expect(gradeResponse(1, key, chosen('MULTIPLE_RESPONSE', ids)).feedback).toEqual(feedback);
  });

  test('on no response is the general one', () => {
    expect(gradeResponse(1, key, null)).toEqual({
      correctness: 'UNANSWERED',
      score: 0,
      feedback: ['In general.'],
    });
  });

  test('on a statement is about the answer that was given', () => {
    const statement: AnswerKey = {
      type: 'TRUE_FALSE',
      isTrue: true,
      feedbackIfTrue: 'Yes.',
      feedbackIfFalse: 'No.',
      generalFeedback: null,
    };
    expect(gradeResponse(1, statement, { type: 'TRUE_FALSE', isTrue: false }).feedback).toEqual(['No.']);
  });
});

describe('the score of an attempt', () => {
  test.each([
    [[[1, 1]], { raw: 1, max: 1, scaled: 1 }],
    [
      [
        [2, 1],
        [3, 0],
      ],
      { raw: 1, max: 5, scaled: 0.2 },
    ],
    [
      [
        [0.1, 0.1],
        [0.2, 0.2],
      ],
      { raw: 0.3, max: 0.3, scaled: 1 },
    ],
    [
      [
        [3, 1],
        [3, 1],
        [3, 0],
      ],
      { raw: 2, max: 9, scaled: 0.222222 },
    ],
    [[[7, 0]], { raw: 0, max: 7, scaled: 0 }],
  ])('of responses (points, score) %j is %j', (responses, score) => {
    expect(scoreOf(responses.map(([points = 0, won = 0]) => ({ points, score: won })))).toEqual(score);
  });

  test.each([
    [0.5, 0.5, true],
    [0.499, 0.5, false],
    [0.666667, 2 / 3, true],
    [0, 0, true],
    [1, 1, true],
    [0.9999, 1, false],
  ])('of %d passes from %d: %s', (scaled, passingScore, passed) => {
    expect(passes({ raw: 0, max: 0, scaled }, passingScore)).toBe(passed);
  });

  test('an answer of another kind than its question is a fault, not a score', () => {
    const key = choiceKey('SINGLE_CHOICE', 'a', 'b');
    expect(() => gradeResponse(1, key, { type: 'NUMERICAL', value: 1 })).toThrow(/kind/);
  });
});
