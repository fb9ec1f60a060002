import { isPermission, viewerMay, type Viewer } from '@lyceum/service';
import type { Asker } from './requirement.ts';

/** Whether a policy that a supergraph names holds for whoever asks; of a name that it does not know, false. */
export type Policies = (policy: string, viewer: Viewer | undefined) => boolean;

/** The names of our permissions (docs/permissions.md) are policies: who holds one in the whole organisation satisfies it. */
export const permissionsAsPolicies: Policies = (policy, viewer) =>
  viewer !== undefined && isPermission(policy) && viewerMay(viewer, policy);

/** What a viewer brings; nobody brings nothing, but what a policy lets them. */
export function askerOf(viewer: Viewer | undefined, policies: Policies): Asker {
  return {
    authenticated: viewer !== undefined,
    hasScope: (scope) => viewer?.scopes.includes(scope) ?? false,
    satisfies: (policy) => policies(policy, viewer),
  };
}
