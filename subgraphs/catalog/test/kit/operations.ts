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

/** What each mutation answers with, and how it is asked. */
const answers = {
  courseCreate: { input: 'CourseCreateInput', answer: `course { ${courseFields} }` },
  courseUpdate: { input: 'CourseUpdateInput', answer: `course { ${courseFields} }` },
  coursePublish: { input: 'CoursePublishInput', answer: `course { ${courseFields} }` },
  courseArchive: { input: 'CourseArchiveInput', answer: `course { ${courseFields} }` },
  moduleCreate: { input: 'ModuleCreateInput', answer: 'module { id title position }' },
  moduleUpdate: { input: 'ModuleUpdateInput', answer: 'module { id title position }' },
  moduleDelete: { input: 'ModuleDeleteInput', answer: `course { ${courseFields} }` },
  modulesReorder: { input: 'ModulesReorderInput', answer: `course { ${courseFields} }` },
  contentItemCreate: {
    input: 'ContentItemCreateInput',
    answer: 'contentItem { id title position required }',
  },
  contentItemUpdate: {
    input: 'ContentItemUpdateInput',
    answer: 'contentItem { id title required body url assessment { id } }',
  },
  contentItemDelete: {
    input: 'ContentItemDeleteInput',
    answer: 'module { id items { id title position } }',
  },
  contentItemsReorder: {
    input: 'ContentItemsReorderInput',
    answer: 'module { id items { id title position } }',
  },
} as const;

export type MutationName = keyof typeof answers;
export const mutationNames = Object.keys(answers) as MutationName[];

export interface MutationAnswer {
  readonly course?: CourseAnswer | null;
  readonly module?: ModuleAnswer | null;
  readonly contentItem?: { readonly id: string; readonly title: string } | null;
  readonly userErrors: readonly UserError[];
}

/** The document of a mutation, with the variable `$input`. */
export function mutation(name: MutationName): string {
  const { input, answer } = answers[name];
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} userErrors { field message code } } }`;
}

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
