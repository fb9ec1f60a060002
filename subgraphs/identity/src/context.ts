import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import DataLoader from 'dataloader';
import type { AuditLog } from './domain/audit-log.ts';
import type { EmailChange } from './domain/email-change.ts';
import type { Invitations } from './domain/invitations.ts';
import type { Grants } from './domain/grants.ts';
import type { LoginChallenges } from './domain/login-challenges.ts';
import type { Groups } from './domain/groups.ts';
import type { Logins } from './domain/logins.ts';
import type { Imports } from './domain/import/imports.ts';
import type { LrsKeys } from './domain/lrs-keys.ts';
import type { OwnPassword } from './domain/own-password.ts';
import type { PasskeyLogins } from './domain/passkey-logins.ts';
import type { Passkeys } from './domain/passkeys.ts';
import type { PasswordReset } from './domain/password-reset.ts';
import type { Registration } from './domain/registration.ts';
import type { Roles } from './domain/roles.ts';
import type { SecondFactorPolicy } from './domain/second-factor-policy.ts';
import type { SecondFactors } from './domain/second-factors.ts';
import type { PeopleList } from './domain/people-list.ts';
import type { Profiles } from './domain/profiles.ts';
import type { IdentityProviders } from './domain/sign-on/identity-providers.ts';
import type { ReturnAddresses } from './domain/sign-on/return-addresses.ts';
import type { SignOnAddresses } from './domain/sign-on/sign-on-addresses.ts';
import type { SignOnLinks } from './domain/sign-on/sign-on-links.ts';
import type { SignOnLogins } from './domain/sign-on/sign-on-logins.ts';
import type { SignOns } from './domain/sign-on/sign-ons.ts';
import type { Sessions } from './domain/sessions.ts';
import type { Users } from './domain/users.ts';
import type { Group, ListedGroup } from './store/groups.ts';
import type { PeopleImport } from './store/imports.ts';
import type { Invitation } from './store/invitations.ts';
import type { Grant } from './store/grants.ts';
import type { ApiClients } from './domain/api-clients.ts';
import type { PersonalAccessTokens } from './domain/personal-access-tokens.ts';
import type { ApiClient } from './store/api-clients.ts';
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
  readonly registration: Registration;
  readonly invitations: Invitations;
  readonly passwordReset: PasswordReset;
  readonly emailChange: EmailChange;
  readonly secondFactors: SecondFactors;
  readonly secondFactorPolicy: SecondFactorPolicy;
  readonly passkeys: Passkeys;
  readonly passkeyLogins: PasskeyLogins;
  readonly users: Users;
  readonly peopleList: PeopleList;
  readonly groups: Groups;
  readonly profiles: Profiles;
  readonly imports: Imports;
  readonly roles: Roles;
  readonly grants: Grants;
  readonly lrsKeys: LrsKeys;
  readonly apiClients: ApiClients;
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly identityProviders: IdentityProviders;
  readonly returnAddresses: ReturnAddresses;
  readonly signOns: SignOns;
  readonly signOnLogins: SignOnLogins;
  readonly signOnLinks: SignOnLinks;
  readonly signOnAddresses: SignOnAddresses;
  readonly auditLog: AuditLog;
}

export interface Loaders {
  readonly user: DataLoader<string, Member | null>;
  readonly organisation: DataLoader<string, Organisation | null>;
  readonly group: DataLoader<string, Group | null>;
  /** By the user's id. */
  readonly groupsOfUser: DataLoader<string, readonly ListedGroup[]>;
  readonly userImport: DataLoader<string, PeopleImport | null>;
  readonly invitation: DataLoader<string, Invitation | null>;
  readonly lrsKey: DataLoader<string, LrsKey | null>;
  readonly role: DataLoader<string, CustomRole | null>;
  /** What a person was granted. */
  readonly grantsOf: DataLoader<string, Grant[]>;
  readonly apiClient: DataLoader<string, ApiClient | null>;
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
    group: loaderById((ids) => store.groups.selectMany(organisationId, ids)),
    groupsOfUser: new DataLoader(async (userIds) => {
      const groups = await store.groups.selectManyOfUsers(organisationId, userIds);
      return userIds.map((id) => groups.filter(({ userId }) => userId === id));
    }),
    userImport: loaderById((ids) => store.imports.selectMany(organisationId, ids)),
    invitation: loaderById((ids) => store.invitations.selectMany(organisationId, ids)),
    apiClient: loaderById((ids) => store.apiClients.selectMany(organisationId, ids)),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
    role: loaderById((ids) => store.roles.selectMany(organisationId, ids)),
    grantsOf: new DataLoader(async (userIds) => {
      const found = await grants.ofUsers(requireViewer(request), userIds);
      return userIds.map((id) => found.filter(({ userId }) => userId === id));
    }),
  };
}
