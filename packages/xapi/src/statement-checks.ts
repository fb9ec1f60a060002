import { activity } from './activity-checks.ts';
import { actor, agent, authority, group } from './actor-checks.ts';
import { attachment } from './attachment-checks.ts';
import { isJsonObject, kindOf, list, literal, object, text, type Check, type JsonObject } from './checks.ts';
import { iri, languageMap, timestamp, timestamp20, uuid } from './common-checks.ts';
import { activityOnlyProperties, context10, context20 } from './context-checks.ts';
import type { Walk } from './fault.ts';
import { result } from './result-checks.ts';
import { statementRef } from './statement-ref-check.ts';
import { verbs } from './verbs.ts';

/** Statements and SubStatements: Data 2.4. */

/** Which of the two standards a statement is held against. */
export type Edition = '1.0' | '2.0';

const required = ['actor', 'verb', 'object'];

const verb = object({
  spec: 'Data 2.4.3',
  properties: { id: iri('Data 2.4.3'), display: languageMap },
  required: ['id'],
});

/** The check that goes with an object's objectType; an Activity need not say what it is. */
function statementObject(byType: ReadonlyMap<unknown, Check>): Check {
  return (value, walk) => {
    if (!isJsonObject(value)) {
      walk.fault(`must be an object, is ${kindOf(value)}`, 'Data 2.4.4');
      return;
    }
    const check = byType.get(value['objectType']);
    if (check !== undefined) check(value, walk);
    else
      walk.faultAt(
        'objectType',
        `must be one of ${[...byType.keys()].filter(Boolean).join(', ')}`,
        'Data 2.4.4',
      );
  };
}

const simpleObjects: readonly [unknown, Check][] = [
  [undefined, activity],
  ['Activity', activity],
  ['Agent', agent],
  ['Group', group],
  ['StatementRef', statementRef],
];

function contextFitsObject(value: JsonObject, walk: Walk): void {
  const { context, object: target } = value;
  if (!isJsonObject(context) || !isJsonObject(target)) return;
  const type = target['objectType'];
  if (type === undefined || type === 'Activity') return;
  for (const name of activityOnlyProperties(context)) {
    walk.faultAt('context', `must not have ${name} unless the object is an Activity`, 'Data 2.4.6');
  }
}

/** Voiding names the statement that it voids (Data 2.3.2). */
function voidingHasReference(value: JsonObject, walk: Walk): void {
  const { verb: said, object: target } = value;
  if (!isJsonObject(said) || said['id'] !== verbs.voided || !isJsonObject(target)) return;
  if (target['objectType'] !== 'StatementRef') {
    walk.faultAt('object', 'must be a StatementRef when the verb is voided', 'Data 2.3.2');
  }
}

function statementRules(value: JsonObject, walk: Walk): void {
  contextFitsObject(value, walk);
  voidingHasReference(value, walk);
}

function timestampOf(edition: Edition) {
  return edition === '2.0' ? timestamp20 : timestamp;
}

/** What a statement and a SubStatement have in common. */
function sharedProperties(edition: Edition): Record<string, Check> {
  return {
    actor: actor('Data 2.4.2'),
    verb,
    result,
    context: edition === '2.0' ? context20 : context10,
    timestamp: timestampOf(edition)('Data 2.4.7'),
    attachments: list(attachment, 'Data 2.4.11'),
  };
}

function subStatement(edition: Edition): Check {
  return object({
    spec: 'Data 2.4.4.3',
    properties: {
      ...sharedProperties(edition),
      objectType: literal('SubStatement', 'Data 2.4.4.3'),
      object: statementObject(new Map(simpleObjects)),
    },
    required,
    rules: statementRules,
  });
}

function isVersion(edition: Edition): (version: string) => boolean {
  return (version) => /^1\.0(?:\.\d+)?$/.test(version) || (edition === '2.0' && version === '2.0.0');
}

/** The check of a whole statement. */
export function statementCheck(edition: Edition): Check {
  return object({
    spec: 'Data 2.4',
    properties: {
      ...sharedProperties(edition),
      id: uuid('Data 2.4.1'),
      object: statementObject(new Map([...simpleObjects, ['SubStatement', subStatement(edition)]])),
      stored: timestampOf(edition)('Data 2.4.8'),
      authority,
      version: text('Data 2.4.10', `a version of xAPI ${edition}`, isVersion(edition)),
    },
    required,
    rules: statementRules,
  });
}
