/** The kinds of objects that ids name, as the matrix of foreign ids needs one of each. */
export const kinds = [
  'user',
  'organisation',
  'organisationDomain',
  'session',
  'lrsKey',
  'role',
  'grant',
  'passkey',
  'group',
  'userImport',
  'invitation',
  'apiClient',
  'privacyJob',
  'identityProvider',
  'personalAccessToken',
  'observation',
  // Somebody who would observe, where another user is to be observed.
  'observer',
  'course',
  'module',
  'contentItem',
  'assessment',
  'question',
  'choice',
  'choice',
  'attempt',
  'enrolment',
  'statement',
  'storeJob',
  'statementForwarding',
  'deadLetter',
] as const;

export type IdKind = (typeof kinds)[number];

/** Arguments whose name is not that of the kind with Id or Ids at its end. */
const byName: Readonly<Record<string, IdKind>> = {
  itemIds: 'contentItem',
  learnerId: 'user',
  domainId: 'organisationDomain',
  providerId: 'identityProvider',
  actor: 'user',
  actorId: 'user',
  subjectId: 'user',
  // Of whatever has an activity; a course has.
  activity: 'course',
  // Any UUID is one.
  registration: 'statement',
};

/**
 * What an id argument names: `Mutation.moduleUpdate` and `input.id` a module.
 *
 * @throws Error for one that this file does not know: say what it names.
 */
export function kindOf(operation: string, path: string): IdKind {
  const leaf = path.split('.').at(-1) ?? '';
  const found =
    leaf === 'id' ? ofOperation(operation) : (byName[leaf] ?? kinds.find((kind) => isOf(leaf, kind)));
  if (found) return found;
  throw new Error(`What does ${path} of ${operation} name? Tell e2e/test/kit/id-kinds.ts.`);
}

/** `Query.course`, `Mutation.courseUpdate`: the longest kind that it begins with. */
function ofOperation(operation: string): IdKind | undefined {
  const name = operation.split('.')[1] ?? '';
  if (name === 'activity') return byName[name];
  const [longest] = kinds
    .filter((kind) => name.startsWith(kind))
    .sort((one, other) => other.length - one.length);
  return longest;
}

function isOf(leaf: string, kind: string): boolean {
  return leaf === `${kind}Id` || leaf === `${kind}Ids`;
}
