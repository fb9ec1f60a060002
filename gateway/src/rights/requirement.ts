/** Alternatives, of each of which all must be held: `[['a', 'b'], ['c']]` is "a and b, or c". */
export type Alternatives = readonly (readonly string[])[];

/** One thing that is asked of whoever asks. */
export type Clause =
  { readonly kind: 'authenticated' } | { readonly kind: 'scopes' | 'policies'; readonly anyOf: Alternatives };

/** What a field needs: every clause must hold. None: it is for everybody. */
export type Requirement = readonly Clause[];

export const nothingRequired: Requirement = [];

/** What somebody brings. */
export interface Asker {
  readonly authenticated: boolean;
  hasScope(scope: string): boolean;
  /** A policy that nobody here knows is none that holds. */
  satisfies(policy: string): boolean;
}

/** All of the requirements together, each clause once. */
export function conjunction(requirements: readonly Requirement[]): Requirement {
  const clauses = new Map<string, Clause>();
  for (const clause of requirements.flat()) clauses.set(JSON.stringify(clause), clause);
  return clauses.size === 0 ? nothingRequired : [...clauses.values()];
}

/** The clauses that do not hold for whoever asks. */
export function unmet(requirement: Requirement, asker: Asker): Requirement {
  return requirement.filter((clause) => !holds(clause, asker));
}

function holds(clause: Clause, asker: Asker): boolean {
  if (clause.kind === 'authenticated') return asker.authenticated;
  const held = (name: string) => (clause.kind === 'scopes' ? asker.hasScope(name) : asker.satisfies(name));
  return clause.anyOf.some((all) => all.every(held));
}

/** For people: `a valid access token, and the scopes "a" and "b", or "c"`. */
export function described(requirement: Requirement): string {
  return requirement.map(describedClause).join(', and ');
}

function describedClause(clause: Clause): string {
  if (clause.kind === 'authenticated') return 'a valid access token';
  if (clause.anyOf.length === 0) return `${clause.kind} that nobody can have`;
  const alternatives = clause.anyOf.map((all) => all.map((name) => `"${name}"`).join(' and '));
  return `the ${clause.kind} ${alternatives.join(', or ')}`;
}

/** The same for programs, as an error's extension: `{ authenticated: true, scopes: [[['a', 'b'], ['c']]] }`. */
export function asExtension(requirement: Requirement): Record<string, unknown> {
  const ofKind = (kind: 'scopes' | 'policies') => {
    const all = requirement.flatMap((clause) => (clause.kind === kind ? [clause.anyOf] : []));
    return all.length === 0 ? {} : { [kind]: all };
  };
  const authenticated = requirement.some(({ kind }) => kind === 'authenticated');
  return { ...(authenticated ? { authenticated } : {}), ...ofKind('scopes'), ...ofKind('policies') };
}
