import type {
  Activity,
  Actor,
  Agent,
  Context,
  Statement,
  StatementObject,
  SubStatement,
} from './statement.ts';
import { timestampMicros } from './timestamp.ts';

/**
 * What of a statement is the statement itself, as one text: equal texts, equal statements (Data 2.3.1, Statement
 * Comparision Requirements). Left out is what an LRS assigns (id, timestamp, stored, authority, version), the definitions
 * of activities, the display of verbs, and attachments; members of a group have no order; what has no case is in lower
 * case. Numbers count as the doubles that they are.
 */
export function comparableStatement(statement: Statement): string {
  const { id: _id, timestamp: _at, stored: _stored, authority: _by, version: _version, ...rest } = statement;
  return canonical(comparableParts(rest));
}

/** Whether two timestamps are of one instant, to the microsecond. */
export function isSameInstant(one: string, other: string): boolean {
  return timestampMicros(one) === timestampMicros(other);
}

function comparableParts(statement: Statement | SubStatement): unknown {
  const { attachments: _attachments, actor, verb, object, context, ...rest } = statement;
  return {
    ...rest,
    ...(rest.timestamp !== undefined && { timestamp: String(timestampMicros(rest.timestamp)) }),
    actor: comparableActor(actor),
    verb: verb.id,
    object: comparableObject(object),
    ...(context !== undefined && { context: comparableContext(context) }),
  };
}

function comparableObject(object: StatementObject): unknown {
  switch (object.objectType) {
    case 'Agent':
    case 'Group':
      return comparableActor(object);
    case 'StatementRef':
      return { ...object, id: object.id.toLowerCase() };
    case 'SubStatement':
      return comparableParts(object);
    default:
      return comparableActivity(object);
  }
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
  return {
    ...context,
    ...(registration !== undefined && { registration: registration.toLowerCase() }),
    ...(language !== undefined && { language: language.toLowerCase() }),
    ...(statement !== undefined && { statement: comparableObject(statement) }),
    ...(instructor !== undefined && { instructor: comparableActor(instructor) }),
    ...(team !== undefined && { team: comparableActor(team) }),
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

/** JSON without blanks, members by name. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
