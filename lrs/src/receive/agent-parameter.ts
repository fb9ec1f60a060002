import { validateStatements, type Actor } from '@lyceum/xapi';
import type { XapiError } from './xapi-error.ts';

/**
 * An Agent or Group as JSON in a parameter, held against the same rules as in a statement.
 *
 * @param o.bad the refusal for a reason
 * @param o.wanted what is asked for, as the refusal of what is no JSON says it
 * @throws XapiError 400
 */
export function readActor(value: string, o: { bad: (reason: string) => XapiError; wanted: string }): Actor {
  const actor = parse(value);
  if (actor === undefined) throw o.bad(`must be ${o.wanted} as JSON`);
  const probe = { actor, verb: { id: 'urn:lyceum:any' }, object: { id: 'urn:lyceum:any' } };
  const [fault] = validateStatements(probe);
  if (fault !== undefined) throw o.bad(`${fault.path.replace(/^actor\.?/, '')} ${fault.reason}`.trim());
  return actor as Actor;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
