import { loaderById, type RequestContext } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import type DataLoader from 'dataloader';
import type { AuditLog } from './domain/audit-log.ts';
import type { Logins } from './domain/logins.ts';
import type { ApiClients } from './domain/api-clients.ts';
import type { LrsKeys } from './domain/lrs-keys.ts';
import type { OwnPassword } from './domain/own-password.ts';
import type { PersonalAccessTokens } from './domain/personal-access-tokens.ts';
import type { Sessions } from './domain/sessions.ts';
import type { Users } from './domain/users.ts';
import type { ApiClient } from './store/api-clients.ts';
import type { LrsKey } from './store/lrs-keys.ts';
import type { Member } from './store/memberships.ts';
import type { Organisation } from './store/organisations.ts';
import type { Database } from './store/store.ts';

export interface Services {
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly ownPassword: OwnPassword;
  readonly users: Users;
  readonly lrsKeys: LrsKeys;
  readonly apiClients: ApiClients;
  readonly personalAccessTokens: PersonalAccessTokens;
  readonly auditLog: AuditLog;
}

export interface Loaders {
  readonly user: DataLoader<string, Member | null>;
  readonly organisation: DataLoader<string, Organisation | null>;
  readonly lrsKey: DataLoader<string, LrsKey | null>;
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
    load: createLoaders(store, request.viewer?.organisationId ?? ''),
  });
}

function createLoaders(store: Database, organisationId: string): Loaders {
  return {
    user: loaderById((ids) => store.memberships.selectMany(organisationId, ids)),
    organisation: loaderById((ids) =>
      store.organisations.selectMany(ids.filter((id) => id === organisationId)),
    ),
    apiClient: loaderById((ids) => store.apiClients.selectMany(organisationId, ids)),
    lrsKey: loaderById((ids) => store.lrsKeys.selectMany(organisationId, ids)),
  };
}
