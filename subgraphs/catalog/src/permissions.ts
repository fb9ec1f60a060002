import { can } from '@lyceum/graphql';

/** Who may call what. Which courses they see and change is the domain's to decide (visibility.ts, course-editor.ts). */
export const permissions = {
  Query: {
    course: can('course.read'),
    courseBySlug: can('course.read'),
    courses: can('course.read'),
  },
  Mutation: {
    courseCreate: can('course.create'),
    courseUpdate: can('course.update'),
    coursePublish: can('course.publish'),
    courseArchive: can('course.archive'),
    moduleCreate: can('course.update'),
    moduleUpdate: can('course.update'),
    moduleDelete: can('course.update'),
    modulesReorder: can('course.update'),
    contentItemCreate: can('course.update'),
    contentItemUpdate: can('course.update'),
    contentItemDelete: can('course.update'),
    contentItemsReorder: can('course.update'),
  },
  Subscription: {},
};
