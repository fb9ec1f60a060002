import type { GraphQLClient } from '@lyceum/testing';

export interface UserError {
  readonly field: string[] | null;
  readonly message: string;
  readonly code: string;
}

export interface CourseAnswer {
  readonly id: string;
  readonly title: string;
  readonly slug: string;
  readonly status: string;
  readonly revision: number;
  readonly modules: readonly ModuleAnswer[];
}

export interface ModuleAnswer {
  readonly id: string;
  readonly title: string;
  readonly position: number;
  readonly items: readonly { readonly id: string; readonly title: string; readonly position: number }[];
}

export const courseFields = `id title slug summary language status revision publishedAt archivedAt activityIri
  modules { id title position activityIri items { id title type position required body url assessment { id } activityIri } }`;

/** One object of each kind. */
export type Ids = Record<'course' | 'module' | 'item', string>;

export const idsOf = ({ id, modules: [module] }: CourseAnswer): Ids => ({
  course: id,
  module: module!.id,
  item: module!.items[0]!.id,
});

const course = `course { ${courseFields} }`;
const items = 'module { id items { id title position } }';

/** What each mutation answers with, and an input that succeeds for an author of a course of one module with one item. */
const operations = {
  courseCreate: { answer: course, example: () => ({ title: 'New' }) },
  courseUpdate: { answer: course, example: (of: Ids) => ({ id: of.course, changes: { title: 'New' } }) },
  coursePublish: { answer: course, example: (of: Ids) => ({ id: of.course }) },
  courseArchive: { answer: course, example: (of: Ids) => ({ id: of.course }) },
  moduleCreate: {
    answer: 'module { id title position }',
    example: (of: Ids) => ({ courseId: of.course, title: 'New' }),
  },
  moduleUpdate: {
    answer: 'module { id title position }',
    example: (of: Ids) => ({ id: of.module, changes: { title: 'New' } }),
  },
  moduleDelete: { answer: course, example: (of: Ids) => ({ id: of.module }) },
  modulesReorder: {
    answer: course,
    example: (of: Ids) => ({ courseId: of.course, moduleIds: [of.module] }),
  },
  contentItemCreate: {
    answer: 'contentItem { id title position required }',
    example: (of: Ids) => ({ moduleId: of.module, title: 'New', type: 'PAGE', body: '' }),
  },
  contentItemUpdate: {
    answer: 'contentItem { id title required body url assessment { id } }',
    example: (of: Ids) => ({ id: of.item, changes: { title: 'New' } }),
  },
  contentItemDelete: { answer: items, example: (of: Ids) => ({ id: of.item }) },
  contentItemsReorder: {
    answer: items,
    example: (of: Ids) => ({ moduleId: of.module, itemIds: [of.item] }),
  },
} as const;

export type MutationName = keyof typeof operations;
export const mutationNames = Object.keys(operations) as MutationName[];

export interface MutationAnswer {
  readonly course?: CourseAnswer | null;
  readonly module?: ModuleAnswer | null;
  readonly contentItem?: { readonly id: string; readonly title: string } | null;
  readonly userErrors: readonly UserError[];
}

/** The document of a mutation, with the variable `$input`. */
export function mutation(name: MutationName): string {
  const { answer } = operations[name];
  const input = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} userErrors { field message code } } }`;
}

/** An input of a mutation that succeeds on these objects. */
export const exampleOf = (name: MutationName, ids: Ids): object => operations[name].example(ids);

/** Runs one mutation and answers its whole response. */
export function ask(client: GraphQLClient, name: MutationName, input: object) {
  return client<Record<string, MutationAnswer>>(mutation(name), { input });
}

/** Runs one mutation and answers its payload; an error of the whole request is thrown. */
export async function run(client: GraphQLClient, name: MutationName, input: object): Promise<MutationAnswer> {
  const { data, errors } = await ask(client, name, input);
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name]!;
}
