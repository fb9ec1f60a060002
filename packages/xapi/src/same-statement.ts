import type { Activity, Actor, Attachment, Context, Statement, SubStatement } from './statement.ts';
import { timestampMicros } from './timestamp.ts';

/**
 * Whether a statement that comes again is the one that is kept under its id (Data 2.3.1, Statement Comparision
 * Requirements). What an LRS assigns does not count, nor do definitions of activities and displays of verbs, the zone of
 * a timestamp, the order of a group's members, where an attachment lies, and the case of what has none. All else does:
 * a duration is a text, and members of an object have no order. Numbers are compared as doubles.
 *
 * @param sent valid; without a timestamp where the client leaves that to the LRS
 * @param kept with its stamps
 */
export function isSameStatement(sent: Statement, kept: Statement): boolean {
  const isTimed = sent.timestamp !== undefined;
  return comparable(sent, isTimed) === comparable(kept, isTimed);
}

function comparable(statement: Statement, isTimed: boolean): string {
  const { id: _id, stored: _stored, authority: _authority, version: _version, ...said } = statement;
  if (!isTimed) delete said.timestamp;
  return sortedJson(comparableParts(said));
}

/** A statement or a SubStatement, with the like in the place of the equal. */
function comparableParts(said: Omit<Statement, 'id'> | SubStatement): unknown {
  const { actor, verb, object, result, context, timestamp, attachments } = said;
  return {
    ...said,
    actor: comparableActor(actor),
    verb: { ...verb, display: undefined },
    object: comparableObject(object),
    ...(result && { result: { ...result, duration: comparableDuration(result.duration) } }),
    ...(context && { context: comparableContext(context) }),
    ...(timestamp !== undefined && { timestamp: timestampMicros(timestamp).toString() }),
    ...(attachments && { attachments: attachments.map(comparableAttachment) }),
  };
}

function comparableObject(object: Statement['object']): unknown {
  switch (object.objectType) {
    case 'SubStatement':
      return comparableParts(object);
    case 'StatementRef':
      return { ...object, id: object.id.toLowerCase() };
    case 'Agent':
    case 'Group':
      return comparableActor(object);
    case 'Activity':
    case undefined:
      return comparableActivity(object);
  }
}

function comparableActivity(activity: Activity): unknown {
  return { ...activity, definition: undefined };
}

/** The domain of an address has no case (Data 2.3.1), nor have hexadecimal digits. */
function comparableActor(actor: Actor): unknown {
  const { mbox, mbox_sha1sum: sha1 } = actor;
  const members = 'member' in actor ? actor.member : undefined;
  return {
    ...actor,
    ...(mbox !== undefined && { mbox: mbox.replace(/@[^@]*$/, (domain) => domain.toLowerCase()) }),
    ...(sha1 !== undefined && { mbox_sha1sum: sha1.toLowerCase() }),
    ...(members && { member: members.map((each) => sortedJson(comparableActor(each))).sort() }),
  };
}

function comparableContext(context: Context): unknown {
  const { registration, instructor, team, contextActivities, contextAgents, contextGroups } = context;
  const { statement, language } = context;
  return {
    ...context,
    registration: registration?.toLowerCase(),
    language: language?.toLowerCase(),
    ...(instructor && { instructor: comparableActor(instructor) }),
    ...(team && { team: comparableActor(team) }),
    ...(statement && { statement: { ...statement, id: statement.id.toLowerCase() } }),
    ...(contextActivities && { contextActivities: comparableLists(contextActivities) }),
    ...(contextAgents && {
      contextAgents: contextAgents.map((each) => ({ ...each, agent: comparableActor(each.agent) })),
    }),
    ...(contextGroups && {
      contextGroups: contextGroups.map((each) => ({ ...each, group: comparableActor(each.group) })),
    }),
  };
}

/** One activity is a list of one (Data 2.4.6.2). */
function comparableLists(lists: NonNullable<Context['contextActivities']>): unknown {
  const entries = Object.entries(lists) as [string, Activity | Activity[]][];
  return Object.fromEntries(entries.map(([key, list]) => [key, [list].flat().map(comparableActivity)]));
}

/** Beyond hundredths of a second it is not compared (Data 4.6). */
function comparableDuration(duration: string | undefined): string | undefined {
  return duration?.replace(/([.,]\d\d)\d+(?=S$)/, '$1');
}

function comparableAttachment(attachment: Attachment): unknown {
  return { ...attachment, fileUrl: undefined, sha2: attachment.sha2.toLowerCase() };
}

/** JSON with the members of objects in one order. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    const entries = Object.entries(each);
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
  });
}
