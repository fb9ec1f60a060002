import { expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import {
  BUILT_IN_ROLES,
  createTokenVerifier,
  entryOf,
  heldPermissions,
  isOfPlatform,
  newId,
  objectsWhereViewerMay,
  PERMISSIONS,
  PLATFORM_ROLE,
  permissionsOfRole,
  requirePermission,
  ROLES,
  viewerMay,
  viewerMaySomewhere,
  type Viewer,
} from '../src/index.ts';

const { publicKey, privateKey } = await generateKeyPair('ES256');

/** Who an access token with these claims names, beside what every one has. */
async function viewerOf(claims: Record<string, unknown>): Promise<Viewer> {
  const verifier = createTokenVerifier({ issuer: 'i', audience: 'a', keys: async () => publicKey });
  const token = await new SignJWT({ org: 'org', sid: 'session', roles: [], ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
    .setIssuer('i')
    .setAudience('a')
    .setSubject('user')
    .setExpirationTime('1m')
    .sign(privateKey);
  return verifier.verify(token);
}

const course = newId('course');
const another = newId('course');

test('names are noun.verb, and an administrator holds each that is not over all organisations', () => {
  for (const name of PERMISSIONS) expect(name).toMatch(/^[a-z-]+(\.[a-z]+){1,2}$/);
  expect([...permissionsOfRole('ADMIN')]).toEqual(PERMISSIONS.filter((name) => !isOfPlatform(name)));
});

test('what is over all organisations is of the platform’s role alone, and can be granted for no object', () => {
  const above = PERMISSIONS.filter(isOfPlatform);
  expect(above).toEqual([
    'organisation.list',
    'organisation.create',
    'organisation.suspend',
    'organisation.reinstate',
    'organisation.plan.update',
    'store.volume.read',
    'dead-letter.read.all',
  ]);
  for (const role of ROLES) expect(above.filter((name) => permissionsOfRole(role).has(name))).toEqual([]);
  for (const name of above) {
    expect(permissionsOfRole(PLATFORM_ROLE).has(name)).toBe(true);
    expect(entryOf(name).scopes).toBeUndefined();
  }
});

test('a token that names roles alone is one of those that were given before there were permissions', async () => {
  for (const role of BUILT_IN_ROLES) {
    const viewer = await viewerOf({ roles: [role] });
    expect(viewer.roles).toEqual([role]);
    expect(viewer.permissions).toEqual(permissionsOfRole(role));
    expect(viewer.grants.size).toBe(0);
  }
});

test('custom roles add permissions; names that nobody knows, and claims of another form, give nothing', async () => {
  const viewer = await viewerOf({
    roles: ['LEARNER', 'EMPEROR', 7],
    permissions: ['course.publish', 'course.destroy', null],
    grants: [{ may: 'ADMIN', on: course }, null, 'ADMIN', { may: ['ADMIN'] }],
  });
  expect(viewer.roles).toEqual(['LEARNER']);
  expect(viewer.permissions).toEqual(new Set([...permissionsOfRole('LEARNER'), 'course.publish']));
  expect(viewer.grants.size).toBe(0);
  const { permissions } = await viewerOf({ roles: ['LEARNER'], permissions: 'course.publish' });
  expect(permissions).toEqual(permissionsOfRole('LEARNER'));
});

test('a role is not taken out of the list of permissions', async () => {
  expect((await viewerOf({ permissions: ['ADMIN'] })).permissions.size).toBe(0);
});

test('a grant holds for its objects, and no further than permissions can be granted there', async () => {
  const learner = newId('user');
  const viewer = await viewerOf({
    roles: ['LEARNER'],
    grants: [
      { may: ['AUTHOR'], on: [course] },
      { may: ['progress.read', 'user.list'], on: [course, another, learner, 'anything'] },
    ],
  });
  expect(viewerMay(viewer, 'course.update', { course })).toBe(true);
  expect(viewerMay(viewer, 'course.update', { course: another })).toBe(false);
  expect(viewerMay(viewer, 'course.update')).toBe(false);
  expect(viewerMaySomewhere(viewer, 'course.update')).toBe(true);
  expect(objectsWhereViewerMay(viewer, 'progress.read', 'course')).toEqual([course, another]);
  expect(objectsWhereViewerMay(viewer, 'course.read', 'course')).toBeUndefined();
  expect(objectsWhereViewerMay(viewer, 'progress.read', 'user')).toEqual([learner]);
  expect(viewerMay(viewer, 'progress.read', { course: newId('course'), user: learner })).toBe(true);
  expect(viewerMay(viewer, 'progress.read', { user: newId('user') })).toBe(false);
  // Not for one course: who makes courses or lists people does so in the organisation.
  for (const name of ['course.create', 'user.list'] as const)
    expect(viewerMaySomewhere(viewer, name)).toBe(false);
  for (const id of viewer.grants.keys())
    if (id !== course) expect(viewer.grants.get(id)?.size ?? 0).toBeLessThan(2);
});

test.each([true, 'yes', 1, null])('where permissions_only is %p, the list alone counts', async (only) => {
  const viewer = await viewerOf({
    roles: ['ADMIN'],
    permissions: ['course.read'],
    grants: [{ may: ['AUTHOR'], on: [course] }],
    permissions_only: only,
  });
  expect(viewer.permissions).toEqual(new Set(['course.read']));
  expect(viewer.grants.size).toBe(0);
  expect(viewerMay(viewer, 'course.update', { course })).toBe(false);
});

test('what is missing is named', () => {
  const nobody = heldPermissions({ roles: [] });
  expect(() => {
    requirePermission(nobody, 'course.publish', { course });
  }).toThrow(
    expect.objectContaining({
      code: 'FORBIDDEN',
      message: 'This needs the permission course.publish.',
      details: { missing: 'course.publish' },
    }),
  );
});
