import { DomainError, isLogin, isMachine, unauthenticated, type Viewer } from '@lyceum/service';

/** What every resolver may know of the request; a service adds its loaders and services in context.ts. */
export interface RequestContext {
  readonly viewer: Viewer | null;
  readonly requestId: string;
}

/**
 * Who asks.
 *
 * @throws DomainError UNAUTHENTICATED where nobody is logged in.
 */
export function requireViewer(context: RequestContext): Viewer {
  if (!context.viewer) throw unauthenticated();
  return context.viewer;
}

/**
 * The person who asks: for what is somebody's own.
 *
 * @throws DomainError UNAUTHENTICATED where nobody is logged in; FORBIDDEN for an API client
 */
export function requirePerson(context: RequestContext): Viewer {
  const viewer = requireViewer(context);
  if (isMachine(viewer)) throw forPeople("a person's account: an API client is nobody's");
  return viewer;
}

/**
 * The person who asks, logged in themselves: for what no program may do in their name.
 *
 * @throws DomainError UNAUTHENTICATED where nobody is logged in; FORBIDDEN for a program
 */
export function requireLogin(context: RequestContext): Viewer {
  const viewer = requirePerson(context);
  if (!isLogin(viewer)) throw forPeople('a login: a personal access token is not enough');
  return viewer;
}

const forPeople = (missing: string) =>
  new DomainError('FORBIDDEN', `This needs ${missing}.`, { details: { missing } });
