import { forbidden, type Viewer } from '@lyceum/service';

/** May the viewer see what others of their organisation did? */
export function leads({ roles }: Viewer): boolean {
  return roles.includes('ADMIN') || roles.includes('INSTRUCTOR');
}

/** @throws FORBIDDEN */
export function requireLeader(viewer: Viewer): void {
  if (!leads(viewer)) throw forbidden('the role ADMIN or INSTRUCTOR');
}
