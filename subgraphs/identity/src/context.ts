import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import DataLoader from 'dataloader';
import type { AuditLog } from './domain/audit-log.ts';
import type { Grants } from './domain/grants.ts';
import type { LoginChallenges } from './domain/login-challenges.ts';
import type { Logins } from './domain/logins.ts';
import type { LrsKeys } from './domain/lrs-keys.ts';
import type { OwnPassword } from './domain/own-password.ts';
import type { PasskeyLogins } from './domain/passkey-logins.ts';
import type { Passkeys } from './domain/passkeys.ts';
import type { Roles } from './domain/roles.ts';
import type { SecondFactorPolicy } from './domain/second-factor-policy.ts';
import type { SecondFactors } from './domain/second-factors.ts';
import type { Sessions } from './domain/sessions.ts';
import type { Users } from './domain/users.ts';
import type { Grant } from './store/grants.ts';
import type { LrsKey } from './store/lrs-keys.ts';
import type { Member } from './store/memberships.ts';
import type { Organisation } from './store/organisations.ts';
import type { CustomRole } from './store/roles.ts';
import type { Database } from './store/store.ts';

export interface Services {
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly challenges: LoginChallenges;
  readonly ownPassword: OwnPassword;
  readonly secondFactors: SecondFactors;
  readonly secondFactorPolicy: SecondFactorPolicy;
  readonly passkeys: Passkeys;
  readonly passkeyLogins: PasskeyLogins;
  readonly users: Users;
  readonly roles: Roles;
  readonly grants: Grants;
  readonly lrsKeys: LrsKeys;
  readonly auditLog: AuditLog;
}

export interface Loaders {
  readonly user: DataLoader<string, Member | null>;
  readonly organisation: DataLoader<string, Organisation | null>;
  readonly lrsKey: DataLoader<string, LrsKey | null>;
  readonly role: DataLoader<string, CustomRole | null>;
  /** What a person was granted. */
  readonly grantsOf: DataLoader<string, Grant[]>;
}

export interface Context extends RequestContext, Services {
  /** Each finds only what belongs to the viewer's organisation. */
  readonly load: Loaders;
}

export function createContext(store: Database, services: Services) {
  return (request: { viewer: Viewer | null; requestId: string }): Context => ({
    ...request,
    ...services,
    load: createLoaders(store, services, request),
  });
}

function createLoaders(store: Database, { grants }: Services, request: RequestContext): Loaders {
  const organisationId = request.viewer?.organisationId ?? '';
  return {
    user: loaderById((ids) => store.memberships.selectMany(organisationId, ids)),
    organisation: loaderById((ids) =>
      store.organisations.selectMany(ids.filter((id) => id === organisationId)),
    ),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
    role: loaderById((ids) => store.roles.selectMany(organisationId, ids)),
    grantsOf: new DataLoader(async (userIds) => {
      const found = await grants.ofUsers(requireViewer(request), userIds);
      return userIds.map((id) => found.filter(({ userId }) => userId === id));
    }),
  };
}
