import { verbs } from '@lyceum/xapi';
import type { Evidence } from './evidence.ts';

/** Verbs that say no more than that the learner did something with the item. */
const startingVerbs = [
  verbs.attempted,
  verbs.answered,
  verbs.experienced,
  verbs.exited,
  verbs.initialized,
  verbs.interacted,
  verbs.launched,
  verbs.progressed,
  verbs.resumed,
  verbs.scored,
  verbs.suspended,
  verbs.terminated,
];

/** The verbs, by what a statement with them is evidence of. Other verbs mean nothing for progress. */
export const verbsOf: Readonly<Record<keyof Evidence, readonly string[]>> = {
  startedAt: startingVerbs,
  completedAt: [verbs.completed],
  passedAt: [verbs.passed],
  failedAt: [verbs.failed],
};

const meanings = new Map(
  Object.entries(verbsOf).flatMap(([meaning, iris]) => iris.map((iri) => [iri, meaning as keyof Evidence])),
);

/** What a statement with this verb (an IRI) about an item is evidence of; undefined for nothing. */
export function meaningOf(verb: string): keyof Evidence | undefined {
  return meanings.get(verb);
}
