import { groupTables } from '@lyceum/events/groups';
import { messageTables, type TableDecisions } from '@lyceum/events/personal-data';

const authored = { nothing: 'What authors made for all; it names nobody.' };
const counter = 'A counter that orders changes.';
const forOthers = 'Results stay under the id alone: grades and statistics of questions count them.';

/** In answers to these, nobody says anything of themselves: they choose, or give a number. A new kind is free text. */
const closedQuestions = "'{SINGLE_CHOICE,MULTIPLE_RESPONSE,TRUE_FALSE,NUMERICAL}'::text[]";

/** What assessment does with each of its tables when a person asks for what it holds of them, or is erased. */
export const personalTablesOfAssessment: TableDecisions = {
  assessment: authored,
  question: authored,
  question_version: authored,
  answer_key: authored,
  course: { nothing: 'What the catalog tells of courses.' },
  quiz_item: { nothing: 'What the catalog tells of courses.' },
  attempt: {
    what: 'attempts',
    where: 't.organisation_id = $1 AND t.learner_id = $2',
    columns: [
      'id',
      'organisation_id',
      'assessment_id',
      'course_id',
      'item_id',
      'learner_id',
      'number',
      'state',
      'passing_score',
      'started_at',
      'submitted_at',
      'graded_at',
      'raw_score',
      'max_score',
      'scaled_score',
      'passed',
    ],
    withheld: {
      start_key: 'What a client chose so that it begins no attempt twice.',
      submit_key: 'What a client chose so that it submits nothing twice.',
      revision: counter,
    },
    erasure: [{ action: 'KEPT', reason: forOthers }],
  },
  response: {
    what: 'responses',
    where: `t.organisation_id = $1 AND t.attempt_id IN (
      SELECT a.id FROM attempt a WHERE a.organisation_id = $1 AND a.learner_id = $2)`,
    key: "t.attempt_id || ' ' || lpad(t.position::text, 6, '0')",
    columns: [
      'attempt_id',
      'position',
      'organisation_id',
      'question_id',
      'version_id',
      'answer',
      'answered_at',
      'correctness',
      'score',
      'feedback',
    ],
    withheld: {},
    erasure: [
      {
        action: 'REPLACED',
        set: 'answer = NULL',
        where: `t.answer IS NOT NULL AND EXISTS (
          SELECT FROM question_version v WHERE v.id = t.version_id AND v.type::text <> ALL (${closedQuestions}))`,
        reason: 'What the person wrote was taken out.',
      },
      { action: 'KEPT', reason: forOthers },
    ],
  },
  enrolment: {
    what: 'enrolments',
    where: 't.organisation_id = $1 AND t.learner_id = $2',
    columns: ['id', 'organisation_id', 'course_id', 'learner_id', 'status'],
    withheld: { revision: counter },
    erasure: [{ action: 'KEPT', reason: 'As learning keeps them.' }],
  },
  ...groupTables,
  ...messageTables,
};
