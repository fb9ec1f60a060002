import { connection, requireViewer } from '@lyceum/graphql';
import { placeOfMember } from '../domain/people-list.ts';
import type { GroupResolvers } from '../generated/resolver-types.ts';

export const Group: GroupResolvers = {
  __resolveReference: ({ id }, { load }) => load.group.load(id),

  members: ({ id }, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.peopleList.pageOfGroup(viewer, id, page),
      key: (member) => placeOfMember('NAME', member),
      count: () => context.peopleList.count(viewer, { groupId: id }),
    });
  },
};
