import { timestampMicros, type Statement as XapiStatement } from '@lyceum/xapi';
import { activityOf, courseOf, ourId } from '../domain/courses-of-statements.ts';
import type { StatementResolvers } from '../generated/resolver-types.ts';
import { finite } from './statement-result.ts';

export const Statement: StatementResolvers = {
  __resolveReference: ({ id }, { load }) => load.statement.load(id),

  stored: ({ stored }) => new Date(stored),

  timestamp: ({ statement, stored }) => instantOf(statement.timestamp ?? stored),

  version: ({ statement }) => statement.version ?? '1.0.0',

  actor: ({ statement }) => statement.actor,

  user: ({ statement }, _args, { names }) => {
    const id = names.userOf(statement.actor);
    return id === null ? null : { id };
  },

  verb: ({ statement }) => statement.verb,

  object: ({ statement }) => statement.object,

  activity: ({ statement }) => activityOf(statement),

  contentItem: ({ statement }, _args, { names }) => {
    const id = ourId(names, activityOf(statement), 'item');
    return id === null ? null : { id };
  },

  course: ({ statement }, _args, { names }) => {
    const id = courseOf(names, statement);
    return id === null ? null : { id };
  },

  result: ({ statement }) => statement.result ?? null,

  success: ({ statement }) => statement.result?.success ?? null,

  completion: ({ statement }) => statement.result?.completion ?? null,

  scoreScaled: ({ statement }) => finite(statement.result?.score?.scaled),

  context: ({ statement }) => statement.context ?? null,

  authority: ({ statement }) => statement.authority ?? nobody,

  attachments: ({ statement }) => statement.attachments ?? [],

  voided: async (row, _args, { load }) => (await load.voiding.load(row)) !== null,

  voidedBy: async (row, _args, { load }) => {
    const id = await load.voiding.load(row);
    return id === null ? null : load.statement.load(id);
  },

  json: ({ text }) => text,
};

/** A statement that was kept has an authority (Data 2.4.9). */
const nobody: NonNullable<XapiStatement['authority']> = { objectType: 'Group', member: [] };

/** To the millisecond, whatever digits and zone it has. */
export function instantOf(timestamp: string): Date {
  return new Date(Number(timestampMicros(timestamp) / 1000n));
}
