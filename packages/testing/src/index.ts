export { runCommand, type RunningCommand } from './command.ts';
export {
  earlierCommits,
  fileAt,
  folderAt,
  type EarlierCommit,
  type EarlierCommits,
} from './earlier-commits.ts';
export { createTestIssuer, type TestIssuer, type TokenClaims } from './test-issuer.ts';
export { eventually } from './eventually.ts';
export { graphqlClient, type GraphQLAnswer, type GraphQLClient } from './graphql-client.ts';
export { prepareDatabase, testServerUrl } from './prepare-database.ts';
export { subscribe, type LiveSubscription } from './subscribe.ts';
export { temporaryDirectory } from './temporary-directory.ts';
export { entityTypes, idArguments, placesOfIds, readSchema } from './schema-ids.ts';
export { startKafka, type RunningKafka } from './kafka.ts';
export { startS3 } from './s3.ts';
export { createSystem, hasEnded, type System, type SystemState } from './system.ts';
export { startSmtpServer, type SmtpMoment, type SmtpServer } from './smtp-server.ts';
export { askAboutPerson, type PersonalDataAnswer } from './personal-data.ts';
export { filesInZip } from './zip.ts';
export { sentStatements, statementsOfTables } from './sent-statements.ts';
