import { randomUUID } from 'node:crypto';
import type { Client } from '@lyceum/service';
import type { Admission } from '../access/admission.ts';
import type { RequestContext } from '../requests/context.ts';

/**
 * The context of an operation on a connection whose token may be renewed: who asks is read anew each time, so that an
 * event is completed with the token of its moment.
 */
export function openContext(
  client: Client,
  admission: Pick<Admission, 'credentials'>,
  requestId: string = randomUUID(),
): RequestContext {
  return {
    requestId,
    client,
    get viewer() {
      return admission.credentials.viewer;
    },
    get authorization() {
      return admission.credentials.authorization;
    },
  };
}
