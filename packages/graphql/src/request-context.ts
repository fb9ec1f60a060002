import { unauthenticated, type Viewer } from '@lyceum/service';

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
