import type {
  StatementObjectResolvers,
  StatementReferenceResolvers,
  SubStatementResolvers,
} from '../generated/resolver-types.ts';
import { instantOf } from './statement.ts';

export const StatementObject: StatementObjectResolvers = {
  __resolveType: (object) => {
    switch ('objectType' in object ? object.objectType : undefined) {
      case 'Agent':
      case 'Group':
        return 'Agent';
      case 'StatementRef':
        return 'StatementReference';
      case 'SubStatement':
        return 'SubStatement';
      case 'Activity':
      case undefined:
        return 'Activity';
    }
  },
};

export const StatementReference: StatementReferenceResolvers = {
  statement: ({ id }, _args, { load }) => load.statement.load(id.toLowerCase()),
};

export const SubStatement: SubStatementResolvers = {
  result: ({ result }) => result ?? null,

  context: ({ context }) => context ?? null,

  timestamp: ({ timestamp }) => (timestamp === undefined ? null : instantOf(timestamp)),

  attachments: ({ attachments }) => attachments ?? [],
};
