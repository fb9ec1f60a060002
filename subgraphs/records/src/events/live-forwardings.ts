import { createLiveStates, type LiveStatesOptions, type LiveTopic } from '@lyceum/events';
import type { ChangedForwarding } from '../domain/statement-forwardings.ts';

/** Forwardings as they go on. */
export function createLiveForwardings(
  options: Pick<
    LiveStatesOptions<'statement-forwarding.changed', ChangedForwarding>,
    'log' | 'logger' | 'metrics'
  >,
): LiveTopic<ChangedForwarding> {
  return createLiveStates({
    ...options,
    topic: 'records.events',
    type: 'statement-forwarding.changed',
    stateOf: ({ data }) => ({ id: data.forwarding.id, organisationId: data.forwarding.organisationId }),
  });
}
