import { activityIri, agentOf } from './identifiers.ts';
import { createStamper } from './stamp.ts';
import type { Activity, Context, Result, Statement } from './statement.ts';
import { encodeStatementBatch, type StatementRecord } from './statement-batch.ts';
import { createStoredClock, type StoredClock } from './stored-clock.ts';
import { uuidV7 } from './uuid.ts';
import { verbs, type VerbName } from './verbs.ts';

/** An object of Lyceum as an activity: its global id, and what to call it. */
export interface NamedActivity {
  id: string;
  name?: string;
  /** An IRI, as of https://w3id.org/xapi/adl/activities: `http://adlnet.gov/expapi/activities/course`. */
  type?: string;
}

export interface OwnStatement {
  publicUrl: string;
  /** The user who did it. */
  userId: string;
  verb: VerbName;
  activity: NamedActivity;
  /** What the activity is directly part of: the course of an item, the item of an assessment. */
  parents?: readonly NamedActivity[];
  /** What it is part of further up. */
  grouping?: readonly NamedActivity[];
  result?: Result;
  /** A UUID: groups what belongs to one enrolment or attempt. */
  registration?: string;
  /** When it happened; unless given, when it is stored. */
  timestamp?: Date;
}

function activityOf(publicUrl: string, { id, name, type }: NamedActivity): Activity {
  const definition = {
    ...(name !== undefined && { name: { und: name } }),
    ...(type !== undefined && { type }),
  };
  const known = Object.keys(definition).length > 0;
  return { objectType: 'Activity', id: activityIri(publicUrl, id), ...(known && { definition }) };
}

function contextOf(own: OwnStatement): Context | undefined {
  const { publicUrl, parents = [], grouping = [], registration } = own;
  const contextActivities = {
    ...(parents.length > 0 && { parent: parents.map((each) => activityOf(publicUrl, each)) }),
    ...(grouping.length > 0 && { grouping: grouping.map((each) => activityOf(publicUrl, each)) }),
  };
  const context: Context = {
    ...(registration !== undefined && { registration }),
    ...(Object.keys(contextActivities).length > 0 && { contextActivities }),
  };
  return Object.keys(context).length > 0 ? context : undefined;
}

/** A statement that Lyceum itself makes about a user: an attempt submitted, a course completed. */
export function statementFor(own: OwnStatement): Statement {
  const context = contextOf(own);
  return {
    id: uuidV7(),
    actor: agentOf(own.publicUrl, own.userId),
    verb: { id: verbs[own.verb], display: { en: own.verb } },
    object: activityOf(own.publicUrl, own.activity),
    ...(own.result !== undefined && { result: own.result }),
    ...(context !== undefined && { context }),
    ...(own.timestamp !== undefined && { timestamp: own.timestamp.toISOString() }),
  };
}

/** Turns a service's own statements into the record that its outbox takes. */
export interface OwnStatementWriter {
  record(organisationId: string, statements: readonly Statement[]): OwnStatementRecord;
}

/** A record as a row of the outbox, whose value is text. */
export interface OwnStatementRecord extends Omit<StatementRecord, 'value'> {
  value: string;
}

/** Statements so written have Lyceum itself (the account `lyceum`) as their authority. */
export function createOwnStatementWriter(o: { publicUrl: string; clock?: StoredClock }): OwnStatementWriter {
  const { publicUrl, clock = createStoredClock() } = o;
  const stamp = createStamper({ authority: agentOf(publicUrl, 'lyceum'), version: '1.0.0' });
  return {
    record(organisationId, statements) {
      const stamped = statements.map((each) => stamp(each, JSON.stringify(each), clock.next()));
      const record = encodeStatementBatch({ organisationId, publicUrl, statements: stamped });
      // What Lyceum says of its own activities is what they are called.
      return { ...record, headers: { ...record.headers, defines: '1' }, value: record.value.toString() };
    },
  };
}
