import { forbidden, type Viewer } from '@lyceum/service';

/** Does the viewer see the learning of the whole organisation? Others see their own. */
export function seesEverybody({ roles }: Viewer): boolean {
  return roles.includes('ADMIN') || roles.includes('INSTRUCTOR');
}

export function sees(viewer: Viewer, learnerId: string): boolean {
  return viewer.userId === learnerId || seesEverybody(viewer);
}

/** @throws DomainError FORBIDDEN where the learner is another and the viewer leads nobody. */
export function requireSight(viewer: Viewer, learnerId: string): void {
  if (!sees(viewer, learnerId)) throw forbidden('the role ADMIN or INSTRUCTOR');
}

/** @throws DomainError FORBIDDEN */
export function requireLeader(viewer: Viewer): void {
  if (!seesEverybody(viewer)) throw forbidden('the role ADMIN or INSTRUCTOR');
}
