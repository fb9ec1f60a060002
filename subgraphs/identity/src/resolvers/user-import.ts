import { connection } from '@lyceum/graphql';
import type { UserImportResolvers, UserImportState } from '../generated/resolver-types.ts';

export const UserImport: UserImportResolvers = {
  state: ({ state }) => state as UserImportState,

  faults: (userImport, args, { imports }) => connection(args, imports.faultsOf(userImport)),

  faultCount: ({ faults }) => faults,
};
