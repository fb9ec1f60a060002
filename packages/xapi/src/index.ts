export type * from './statement.ts';
export { verbs, type VerbName } from './verbs.ts';
export { activityIdOf, activityIri, activityIriPrefix, agentOf, userIdOf } from './identifiers.ts';
export { agentKey, identifierOfKey } from './agent-key.ts';
export { isUuid, uuidV7 } from './uuid.ts';
export { isIri } from './formats.ts';
export { formatMicros, isTimestamp, timestampMicros } from './timestamp.ts';
export { formatPath, type Fault } from './fault.ts';
export type { Edition } from './statement-checks.ts';
export { inspectStatements, validateStatements, type Validation } from './validate-statements.ts';
export { comparableStatement, isSameInstant, isSameStatement } from './comparable-statement.ts';
export { comparableKey, erasePerson, type ErasedPerson } from './erase-person.ts';
export { erasedLine, erasedStatement } from './erased-statement.ts';
export { scanJson, type JsonScan } from './json-text.ts';
export { sendableStatement } from './sendable-statement.ts';
export { isObjectText, mergeObjects } from './merge-objects.ts';
export { findRepeatedProperty } from './repeated-property.ts';
export { createStoredClock, type StoredClock } from './stored-clock.ts';
export {
  createOriginalStamper,
  createStamper,
  type Stamp,
  type StampedStatement,
  type Stamper,
} from './stamp.ts';
export { statementColumns, type PeopleColumns } from './statement-line.ts';
export { decodeLine, type LoggedStatement } from './decode-line.ts';
export { definitionParts, joinDefinition, namedAgents, type DefinedActivity } from './definitions.ts';
export {
  activityIdsOf,
  canonicalFormat,
  exactFormat,
  idsFormat,
  type CanonicalOptions,
} from './statement-format.ts';
export { languageChooser, type ChooseLanguage } from './language.ts';
export {
  decodeStatementBatch,
  encodeStatementBatch,
  expectedBytes,
  largestRecordBytes,
  readBatchHeaders,
  statementsFormat,
  statementsTopic,
  UnreadableBatchError,
  type EncodedBatch,
  type StatementBatch,
  type StatementRecord,
} from './statement-batch.ts';
export {
  createOwnStatementWriter,
  statementFor,
  type NamedActivity,
  type OwnStatement,
  type OwnStatementRecord,
  type OwnStatementWriter,
} from './statement-for.ts';
