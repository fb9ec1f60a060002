/** The verbs that Lyceum says or understands, from ADL's vocabulary (https://w3id.org/xapi/adl/verbs). */
const names = [
  'answered',
  'asked',
  'attempted',
  'attended',
  'commented',
  'completed',
  'exited',
  'experienced',
  'failed',
  'imported',
  'initialized',
  'interacted',
  'launched',
  'mastered',
  'passed',
  'preferred',
  'progressed',
  'registered',
  'responded',
  'resumed',
  'scored',
  'shared',
  'suspended',
  'terminated',
  'voided',
] as const;

export type VerbName = (typeof names)[number];

/** IRI of each verb: `verbs.completed` is `http://adlnet.gov/expapi/verbs/completed`. */
export const verbs = Object.fromEntries(
  names.map((name) => [name, `http://adlnet.gov/expapi/verbs/${name}`]),
) as Readonly<Record<VerbName, string>>;
