export { NewerDataError, StartError } from './start-error.ts';
export { parseEnvironment, EnvironmentError } from './environment.ts';
export {
  commonEnvironment,
  databaseEnvironment,
  developmentGatewaySecret,
  developmentKeyEncryptionSecret,
  eventLogEnvironment,
  forwardingEnvironment,
  forwardingFaults,
  gatewaySecretEnvironment,
  port,
  tokenEnvironment,
} from './common-environment.ts';
export { createLogger, type Logger } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createHttpServer, type HealthCheck, type HttpServer } from './http-server.ts';
export { listen } from './listen.ts';
export { runService, isMain, type Service, type RunningService } from './run-service.ts';
export {
  createForeignTokenVerifier,
  createTokenVerifier,
  TokenError,
  type TokenVerifier,
} from './token-verifier.ts';
export { isLogin, isMachine, longestAccessTokenSeconds, type Viewer } from './viewer.ts';
export {
  catalogue,
  entryOf,
  isPermission,
  isRole,
  OBSERVER_PERMISSIONS,
  PERMISSIONS,
  permissionsOfRole,
  BUILT_IN_ROLES,
  isOfPlatform,
  PLATFORM_ROLE,
  ROLES,
  SCOPES,
  type PermissionEntry,
  type PermissionName,
  type PermissionScope,
  type Role,
} from './permissions/catalogue.ts';
export {
  expanded,
  heldPermissions,
  scopable,
  scopeOf,
  type Grant,
  type Held,
  type HeldNames,
} from './permissions/held.ts';
export {
  objectsWhereViewerMay,
  requirePermission,
  viewerMay,
  viewerMaySomewhere,
  type PermissionObject,
} from './permissions/viewer-may.ts';
export { holdSameRights, isSameSession } from './permissions/same-rights.ts';
export { newId, idOf, idPrefix } from './ids.ts';
export { currentRequest, withRequest, type CurrentRequest } from './current-request.ts';
export { clientHeader, clientOf, clientOfMessage, openClient, sealClient, type Client } from './client.ts';
export { workspaceFile, repositoryRoot } from './workspace-file.ts';
export { untilAnswers, EngineUnreachableError } from './until-answers.ts';
export { patiently } from './patiently.ts';
export { redactUrl } from './redact-url.ts';
export {
  DomainError,
  conflict,
  forbidden,
  invalid,
  notFound,
  unauthenticated,
  unavailable,
} from './domain-error.ts';
export { isSecret, newSecret } from './secret-form.ts';
export { createBackOff, type BackOff } from './back-off.ts';
export { startRepeating, type RepeatedWork } from './repeat.ts';
export { onExpiry } from './on-expiry.ts';
export { closeSockets } from './close-sockets.ts';
export { createEncryption, type Encryption } from './encryption.ts';
export {
  createForwardingCredentials,
  type CredentialPlace,
  type ForwardingCredentials,
} from './forwarding-credentials.ts';
export { isSpecialAddress } from './special-addresses.ts';
export {
  createOutward,
  OutwardError,
  outwardUrlFault,
  type Outward,
  type OutwardAnswer,
  type OutwardRequest,
  type OutwardRules,
} from './outward.ts';
