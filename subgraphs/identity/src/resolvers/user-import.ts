import { connection } from '@lyceum/graphql';
import type { UserImportResolvers, UserImportState } from '../generated/resolver-types.ts';

export const UserImport: UserImportResolvers = {
  state: ({ state }) => state as UserImportState,

  faults: (userImport, args, { imports }) =>
    connection(args, {
      rows: (page) => imports.pageOfFaults(userImport, page),
      key: ({ id }) => [id.toString()],
      count: () => imports.countFaults(userImport),
    }),

  faultCount: ({ faults }) => faults,
};
