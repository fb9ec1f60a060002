import type {
  Activity,
  Actor,
  Agent,
  Attachment,
  Context,
  Statement,
  StatementObject,
  StatementRef,
  SubStatement,
} from './statement.ts';
import type { Edition } from './statement-checks.ts';
import { timestampMicros } from './timestamp.ts';

/** What of statements is held against each other. */
export interface Comparison {
  readonly edition: Edition;
  /** What they say of their attachments. A signature signs a statement that has not got it yet. */
  readonly withAttachments: boolean;
}

/**
 * What of a statement is the statement itself, as one text: equal texts, equal statements (Data 2.3.1, Statement
 * Comparision Requirements). Left out is what an LRS assigns (id, timestamp, stored, authority, version), the definitions
 * of activities, the display of verbs, and where attachments lie; members of a group have no order; what has no case is in
 * lower case. Numbers count as the doubles that they are. Durations are texts; in 2.0 without what is finer than a
 * hundredth of a second (2.0 4.2.7).
 */
export function comparableStatement(statement: Statement, how: Comparison): string {
  const { id: _id, timestamp: _at, stored: _stored, authority: _by, version: _version, ...rest } = statement;
  return canonical(comparableParts(rest, how));
}

/**
 * Whether a statement that comes again is the one that is kept under its id.
 *
 * @param sent valid; without a timestamp where the client leaves that to the LRS
 * @param kept with its stamps. It may have come by the other edition: durations are as 2.0 compares them
 */
export function isSameStatement(sent: Statement, kept: Statement): boolean {
  const how = { edition: '2.0', withAttachments: true } as const;
  return (
    comparableStatement(sent, how) === comparableStatement(kept, how) &&
    (sent.timestamp === undefined ||
      (kept.timestamp !== undefined && isSameInstant(sent.timestamp, kept.timestamp)))
  );
}

/** Whether two timestamps are of one instant, to the microsecond. */
export function isSameInstant(one: string, other: string): boolean {
  return timestampMicros(one) === timestampMicros(other);
}

function comparableParts(statement: Statement | SubStatement, how: Comparison): unknown {
  const { attachments, actor, verb, object, context, ...rest } = statement;
  const duration = rest.result?.duration;
  return {
    ...rest,
    ...(duration !== undefined &&
      how.edition === '2.0' && { result: { ...rest.result, duration: toHundredths(duration) } }),
    ...(rest.timestamp !== undefined && { timestamp: String(timestampMicros(rest.timestamp)) }),
    ...(attachments !== undefined &&
      how.withAttachments && { attachments: attachments.map(comparableAttachment) }),
    actor: comparableActor(actor),
    verb: verb.id,
    object: comparableObject(object, how),
    ...(context !== undefined && { context: comparableContext(context) }),
  };
}

/** Cut, not rounded. */
function toHundredths(duration: string): string {
  return duration.replace(/([.,]\d\d)\d+S$/, '$1S');
}

function comparableObject(object: StatementObject, how: Comparison): unknown {
  switch (object.objectType) {
    case 'Agent':
    case 'Group':
      return comparableActor(object);
    case 'StatementRef':
      return comparableReference(object);
    case 'SubStatement':
      return comparableParts(object, how);
    case 'Activity':
    case undefined:
      return comparableActivity(object);
  }
}

function comparableReference({ id }: StatementRef): unknown {
  return { objectType: 'StatementRef', id: id.toLowerCase() };
}

function comparableActivity({ id }: Activity): unknown {
  return { objectType: 'Activity', id };
}

function comparableActor(actor: Actor): unknown {
  const { mbox, mbox_sha1sum: sum } = actor;
  return {
    objectType: 'Agent',
    ...actor,
    ...(mbox !== undefined && { mbox: comparableMailbox(mbox) }),
    ...(sum !== undefined && { mbox_sha1sum: sum.toLowerCase() }),
    ...('member' in actor && { member: comparableMembers(actor.member ?? []) }),
  };
}

function comparableMembers(members: readonly Agent[]): string[] {
  return members.map((member) => canonical(comparableActor(member))).sort();
}

/** The scheme and the domain have no case; the local part is its host's affair. */
function comparableMailbox(mbox: string): string {
  const at = mbox.lastIndexOf('@');
  return `mailto:${mbox.slice('mailto:'.length, at)}${mbox.slice(at).toLowerCase()}`;
}

function comparableContext(context: Context): unknown {
  const { registration, instructor, team, contextActivities, language, statement } = context;
  const { contextAgents, contextGroups } = context;
  return {
    ...context,
    ...(registration !== undefined && { registration: registration.toLowerCase() }),
    ...(language !== undefined && { language: language.toLowerCase() }),
    ...(statement !== undefined && { statement: comparableReference(statement) }),
    ...(instructor !== undefined && { instructor: comparableActor(instructor) }),
    ...(team !== undefined && { team: comparableActor(team) }),
    ...(contextAgents && {
      contextAgents: contextAgents.map((each) => ({ ...each, agent: comparableActor(each.agent) })),
    }),
    ...(contextGroups && {
      contextGroups: contextGroups.map((each) => ({ ...each, group: comparableActor(each.group) })),
    }),
    ...(contextActivities !== undefined && {
      contextActivities: Object.fromEntries(
        Object.entries(contextActivities).map(([kind, each]) => [
          kind,
          [each].flat().map(comparableActivity),
        ]),
      ),
    }),
  };
}

function comparableAttachment({ fileUrl: _url, sha2, ...said }: Attachment): unknown {
  return { ...said, sha2: sha2.toLowerCase() };
}

/** JSON without blanks, members by name. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
