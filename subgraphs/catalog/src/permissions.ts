import { hasRole, signedIn } from '@lyceum/graphql';

const editor = hasRole('ADMIN', 'AUTHOR');

/** Who may call what. Which courses a reader sees is the domain's to decide (domain/visibility.ts). */
export const permissions = {
  Query: {
    course: signedIn,
    courseBySlug: signedIn,
    courses: signedIn,
  },
  Mutation: {
    courseCreate: editor,
    courseUpdate: editor,
    coursePublish: editor,
    courseArchive: editor,
    moduleCreate: editor,
    moduleUpdate: editor,
    moduleDelete: editor,
    modulesReorder: editor,
    contentItemCreate: editor,
    contentItemUpdate: editor,
    contentItemDelete: editor,
    contentItemsReorder: editor,
  },
  Subscription: {},
};
