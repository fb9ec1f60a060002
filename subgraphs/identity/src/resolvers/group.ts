import { connection, requireViewer } from '@lyceum/graphql';
import type { GroupResolvers } from '../generated/resolver-types.ts';

export const Group: GroupResolvers = {
  __resolveReference: ({ id }, { load }) => load.group.load(id),

  members: ({ id }, args, context) =>
    connection(args, context.peopleList.listedOfGroup(requireViewer(context), id)),
};
