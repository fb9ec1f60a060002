import { isJsonObject, list, literal, object, oneOf, text, type Check, type JsonObject } from './checks.ts';
import { extensions, iri, languageMap } from './common-checks.ts';
import type { Walk } from './fault.ts';

/** Activities and their definitions: Data 2.4.4.1. */

const spec = 'Data 2.4.4.1';

const interactionTypes = [
  'true-false',
  'choice',
  'fill-in',
  'long-fill-in',
  'matching',
  'performance',
  'sequencing',
  'likert',
  'numeric',
  'other',
];

const component = object({
  spec,
  properties: { id: text(spec), description: languageMap },
  required: ['id'],
});

/** Ids are distinct within one list of components. */
const components: Check = (value, walk) => {
  list(component, spec)(value, walk);
  if (!Array.isArray(value)) return;
  const ids = value.map((each: unknown) => (isJsonObject(each) ? each['id'] : undefined));
  if (new Set(ids).size !== ids.length) walk.fault('has two components with one id', spec);
};

const interactionParts = ['correctResponsesPattern', 'choices', 'scale', 'source', 'target', 'steps'];

function interactionHasType(value: JsonObject, walk: Walk): void {
  if (Object.hasOwn(value, 'interactionType')) return;
  const part = interactionParts.find((name) => Object.hasOwn(value, name));
  if (part !== undefined) walk.faultAt('interactionType', `is missing, though ${part} is there`, spec);
}

const definition = object({
  spec,
  properties: {
    name: languageMap,
    description: languageMap,
    type: iri(spec),
    moreInfo: iri(spec),
    extensions,
    interactionType: oneOf(interactionTypes, spec),
    correctResponsesPattern: list(text(spec), spec),
    choices: components,
    scale: components,
    source: components,
    target: components,
    steps: components,
  },
  rules: interactionHasType,
});

export const activity = object({
  spec,
  properties: { objectType: literal('Activity', spec), id: iri(spec), definition },
  required: ['id'],
});
