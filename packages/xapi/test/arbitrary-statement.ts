import * as fc from 'fast-check';

/** Generators of valid xAPI 1.0.3 statements, as plain JSON values. */

type Json = Record<string, unknown>;

const word = fc.stringMatching(/^[a-z]{1,12}$/);
export const iri = fc.oneof(
  fc.tuple(word, word).map(([host, path]) => `https://${host}.example/${path}`),
  word.map((name) => `urn:lyceum:${name}`),
  word.map((name) => `tag:adlnet.gov,2013:${name}/ü`),
);
const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const uuid = fc.uuid();
const timestamp = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
  .chain((date) =>
    fc.constantFrom(
      date.toISOString(),
      date.toISOString().replace('Z', '+01:00'),
      `${date.toISOString().slice(0, -5)}-0330`,
    ),
  );
const duration = fc.constantFrom('PT0S', 'P3W', 'P1Y2M3DT4H5M6.75S', 'PT1H', 'P1D', 'PT16,5S');
const languageMap = fc.dictionary(fc.constantFrom('en', 'en-GB', 'zh-Hant-TW', 'und', 'x-own'), anyText);
const extensions = fc.dictionary(iri, fc.jsonValue({ maxDepth: 3 }));

function record(
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>>,
) {
  const requiredKeys = Object.keys(required);
  return fc.record(
    { ...required, ...optional },
    { requiredKeys, noNullPrototype: true },
  ) as fc.Arbitrary<Json>;
}

const identifier = fc.oneof(
  word.map((name) => ({ mbox: `mailto:${name}@example.org` })),
  fc.stringMatching(/^[0-9a-f]{40}$/).map((sum) => ({ mbox_sha1sum: sum })),
  iri.map((openid) => ({ openid })),
  fc.tuple(iri, anyText).map(([homePage, name]) => ({ account: { homePage, name } })),
);

export const agent = fc
  .tuple(identifier, record({}, { name: anyText, objectType: fc.constant('Agent') }))
  .map(([id, rest]): Json => ({ ...rest, ...id }));

const objectType = (name: string) => ({ objectType: fc.constant(name) });

const anonymousGroup = record(
  { ...objectType('Group'), member: fc.array(agent, { maxLength: 3 }) },
  { name: anyText },
);
const identifiedGroup = fc
  .tuple(identifier, record(objectType('Group'), { member: fc.array(agent, { maxLength: 2 }) }))
  .map(([id, rest]): Json => ({ ...rest, ...id }));
const group = fc.oneof(anonymousGroup, identifiedGroup);
const actor = fc.oneof(agent, group);

const components = fc.uniqueArray(record({ id: anyText }, { description: languageMap }), {
  maxLength: 3,
  selector: (component) => component['id'],
});
const interaction = record(
  { interactionType: fc.constantFrom('choice', 'true-false', 'numeric', 'likert', 'matching') },
  { correctResponsesPattern: fc.array(anyText, { maxLength: 2 }), choices: components, scale: components },
);
const definition = fc
  .tuple(
    record({}, { name: languageMap, description: languageMap, type: iri, moreInfo: iri, extensions }),
    fc.option(interaction, { nil: {} }),
  )
  .map(([rest, more]) => ({ ...rest, ...more }));
const activity = record({ id: iri }, { definition, objectType: fc.constant('Activity') });

const statementRef = record({ ...objectType('StatementRef'), id: uuid }, {});
const agentObject = agent.map((each) => ({ ...each, objectType: 'Agent' }));

const score = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 0, max: 100 }))
  .map(([scaled, raw]) => ({ scaled, raw, min: 0, max: 100 }));
const result = record(
  {},
  { score, success: fc.boolean(), completion: fc.boolean(), response: anyText, duration, extensions },
);
const activities = fc.oneof(activity, fc.array(activity, { maxLength: 2 }));
const context = record(
  {},
  {
    registration: uuid,
    instructor: actor,
    team: group,
    contextActivities: record(
      {},
      { parent: activities, grouping: activities, category: activities, other: activities },
    ),
    language: fc.constantFrom('en', 'de-CH'),
    statement: statementRef,
    extensions,
  },
);
const attachment = record(
  {
    usageType: iri,
    display: languageMap,
    contentType: fc.constantFrom('text/plain', 'application/octet-stream', 'text/html; charset=utf-8'),
    length: fc.nat(),
    sha2: fc.stringMatching(/^[0-9a-f]{64}$/),
  },
  { description: languageMap, fileUrl: iri },
);

const simpleObject = fc.oneof(activity, agentObject, group, statementRef);
const verb = record({ id: iri }, { display: languageMap });
const shared = { result, context, timestamp, attachments: fc.array(attachment, { maxLength: 2 }) };
const subStatement = record({ ...objectType('SubStatement'), actor, verb, object: simpleObject }, shared);

/** Any statement that a client may send. */
export const statement = record(
  {
    actor,
    verb,
    object: fc.oneof({ weight: 4, arbitrary: simpleObject }, { weight: 1, arbitrary: subStatement }),
  },
  {
    id: uuid,
    ...shared,
    stored: timestamp,
    authority: agent,
    version: fc.constantFrom('1.0.0', '1.0.3'),
  },
);
