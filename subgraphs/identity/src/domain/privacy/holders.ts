/** Who holds something of people, and must answer each job. Identity answers last when somebody is erased. */
export const holders = ['identity', 'catalog', 'learning', 'assessment', 'lrs', 'records'] as const;

/** Where the others tell their answers. */
export const answerTopics = [
  'catalog.events',
  'learning.events',
  'assessment.events',
  'lrs.events',
  'records.events',
] as const;

/** What each holds, for who opens an archive. */
export const holdings: Readonly<Record<string, string>> = {
  identity:
    'Your account, your profile, where you logged in and with what, and what was done about your account.',
  catalog: 'Courses. They name nobody.',
  learning: 'The courses that you are enrolled in, and how far you are.',
  assessment: 'What you answered in assessments, and how it was graded.',
  lrs: 'Learning records: what tools and Lyceum itself recorded about you.',
  records: 'What was done with the store of learning records as a whole, where you asked for it.',
};
