import { isIri } from '@lyceum/xapi';
import type { DefinitionReader } from '../query/definition-reader.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import { readOnly, type ReadOnlyOptions } from './read-only.ts';
import { refusals } from './xapi-error.ts';

export interface ReadResource {
  readonly get: (exchange: XapiExchange) => Promise<Answer>;
}

/**
 * The resource /xapi/activities (Communication 2.5): an activity with all that is known of it. Of one that nobody has
 * defined, its id.
 */
export function createActivitiesResource(
  o: ReadOnlyOptions & {
    definitions: Pick<DefinitionReader, 'selectDefinitions'>;
  },
): ReadResource {
  return {
    get: readOnly('activityId', o, async (activityId, { credential }) => {
      if (!isIri(activityId)) throw refusals.parameter('activityId', 'must be an absolute IRI');
      const definitions = await o.definitions.selectDefinitions(credential.organisationId, [activityId]);
      const definition = definitions.get(activityId);
      const known = definition === undefined ? '' : `,"definition":${definition}`;
      return `{"objectType":"Activity","id":${JSON.stringify(activityId)}${known}}`;
    }),
  };
}
