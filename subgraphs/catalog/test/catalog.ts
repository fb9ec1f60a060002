import { newId, workspaceFile, type Role, type RunningService } from '@lyceum/service';
import {
  createTestIssuer,
  graphqlClient,
  prepareDatabase,
  temporaryDirectory,
  type GraphQLClient,
  type TokenClaims,
} from '@lyceum/testing';
import { readEnv } from '../src/env.ts';
import { startCatalog } from '../src/main.ts';

export interface RunningCatalog extends RunningService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** A school of its own, whose members ask the catalog. */
  school(): Promise<School>;
}

export interface School {
  readonly organisationId: string;
  member(...roles: Role[]): Promise<GraphQLClient>;
  /** A member whose token says more than roles. */
  holder(claims: TokenClaims): Promise<GraphQLClient>;
  readonly author: GraphQLClient;
  readonly learner: GraphQLClient;
}

/** The catalog on a database of its own. */
export async function runCatalog(): Promise<RunningCatalog> {
  const issuer = await createTestIssuer();
  const databaseUrl = await prepareDatabase(
    'catalog',
    workspaceFile('subgraphs/catalog', 'prisma/migrations'),
  );
  const dataDirectory = temporaryDirectory();
  const running = await startCatalog(
    readEnv({
      PORT: '0',
      LOG_LEVEL: 'silent',
      LYCEUM_DATA_DIR: dataDirectory,
      DATABASE_URL: databaseUrl,
      JWKS_URL: issuer.jwksUrl,
    }),
  );
  const url = running.url ?? '';
  return {
    url,
    databaseUrl,
    dataDirectory,
    school: () => openSchool(url, issuer),
    async stop() {
      await running.stop();
      await issuer.close();
    },
  };
}

async function openSchool(
  url: string,
  issuer: Awaited<ReturnType<typeof createTestIssuer>>,
): Promise<School> {
  const organisationId = newId('org');
  const holder = async (claims: TokenClaims) =>
    graphqlClient(url, await issuer.tokenFor({ organisationId, ...claims }));
  const member = (...roles: Role[]) => holder({ roles });
  return { organisationId, member, holder, author: await member('AUTHOR'), learner: await member('LEARNER') };
}

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

/** A course with as many modules of pages as told, each `[titles of its items]`; still a draft. */
export async function writeCourse(
  author: GraphQLClient,
  text: { title: string; slug?: string; summary?: string; language?: string },
  modules: readonly (readonly string[])[] = [['Welcome']],
): Promise<CourseAnswer> {
  const { course } = await run(author, 'courseCreate', text);
  for (const [index, items] of modules.entries()) {
    const { module } = await run(author, 'moduleCreate', {
      courseId: course!.id,
      title: `Module ${index + 1}`,
    });
    for (const title of items) {
      await run(author, 'contentItemCreate', {
        moduleId: module!.id,
        title,
        type: 'PAGE',
        body: `# ${title}`,
      });
    }
  }
  return readCourse(author, course!.id);
}

export async function publishedCourse(
  author: GraphQLClient,
  text: { title: string; slug?: string; summary?: string },
  modules?: readonly (readonly string[])[],
): Promise<CourseAnswer> {
  const { id } = await writeCourse(author, text, modules);
  return (await run(author, 'coursePublish', { id })).course!;
}

export async function readCourse(client: GraphQLClient, id: string): Promise<CourseAnswer> {
  const { data } = await client<{ course: CourseAnswer }>(
    `query ($id: ID!) { course(id: $id) { ${courseFields} } }`,
    { id },
  );
  return data.course;
}
