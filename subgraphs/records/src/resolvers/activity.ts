import { ourId } from '../domain/courses-of-statements.ts';
import { textIn } from '../domain/definitions.ts';
import type { ActivityResolvers } from '../generated/resolver-types.ts';

export const Activity: ActivityResolvers = {
  iri: ({ id }) => id,

  name: async (activity, { language }, { load }) =>
    textIn((await load.definitionOf(activity))?.value.name, language),

  description: async (activity, { language }, { load }) =>
    textIn((await load.definitionOf(activity))?.value.description, language),

  type: async (activity, _args, { load }) => (await load.definitionOf(activity))?.value.type ?? null,

  moreInfo: async (activity, _args, { load }) => (await load.definitionOf(activity))?.value.moreInfo ?? null,

  interactionType: async (activity, _args, { load }) =>
    (await load.definitionOf(activity))?.value.interactionType ?? null,

  correctResponses: async (activity, _args, { load }) =>
    (await load.definitionOf(activity))?.value.correctResponsesPattern ?? null,

  definition: async (activity, _args, { load }) => (await load.definitionOf(activity))?.json ?? null,

  course: (activity, _args, { names }) => {
    const id = ourId(names, activity, 'course');
    return id === null ? null : { id };
  },

  contentItem: (activity, _args, { names }) => {
    const id = ourId(names, activity, 'item');
    return id === null ? null : { id };
  },
};
