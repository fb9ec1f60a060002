import { verbs } from '@lyceum/xapi';
import { textIn } from '../domain/definitions.ts';
import type { VerbResolvers } from '../generated/resolver-types.ts';

const names: ReadonlyMap<string, string> = new Map(Object.entries(verbs).map(([name, iri]) => [iri, name]));

export const Verb: VerbResolvers = {
  iri: ({ id }) => id,

  name: ({ id }) => names.get(id) ?? null,

  display: async ({ id, display }, { language }, { load }) =>
    textIn(display ?? (await load.displayOfVerb.load(id)) ?? undefined, language),
};
