import { forbidden, type Role, type Viewer } from '@lyceum/service';

/** Those who write or teach see questions with their answers, and assessments of courses that are drafts. */
export const staff = ['ADMIN', 'AUTHOR', 'INSTRUCTOR'] as const satisfies readonly Role[];

/** Those who write questions. */
export const authors = ['ADMIN', 'AUTHOR'] as const satisfies readonly Role[];

/** Those who see the attempts of others in their organisation. */
const teachers: readonly Role[] = ['ADMIN', 'INSTRUCTOR'];

export function isStaff(viewer: Viewer): boolean {
  return viewer.roles.some((role) => (staff as readonly Role[]).includes(role));
}

/** @throws DomainError FORBIDDEN */
export function requireStaff(viewer: Viewer): void {
  if (!isStaff(viewer)) throw forbidden(`the role ${staff.join(' or ')}`);
}

/** Whose attempts the viewer sees: one's own (a user id), or everybody's of the organisation (undefined). */
export function attemptsSeenBy(viewer: Viewer): string | undefined {
  return viewer.roles.some((role) => teachers.includes(role)) ? undefined : viewer.userId;
}
