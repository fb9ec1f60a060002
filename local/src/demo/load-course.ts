import type { DemoCourse, DemoItem, DemoModule } from './course.ts';
import type { GraphClient } from './graph-client.ts';
import { ensureAssessment } from './load-assessment.ts';

/** A course as the graph knows it, down to what identifies its parts. */
export interface LoadedCourse {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly modules: readonly LoadedModule[];
}

interface LoadedModule {
  readonly id: string;
  readonly title: string;
  readonly items: readonly { id: string; title: string; type: string }[];
}

const courseFields = 'id title status modules { id title items { id title type } }';

/** Creates what is missing of a course and publishes it; what is there, by slug and titles, stays. */
export async function ensureCourse(author: GraphClient, course: DemoCourse): Promise<LoadedCourse> {
  const found = (await findCourse(author, course.slug)) ?? (await createCourse(author, course));
  for (const module of course.modules) await ensureModule(author, found, module);
  if (found.status === 'DRAFT') await publish(author, found.id);
  return (await findCourse(author, course.slug)) ?? found;
}

async function findCourse(author: GraphClient, slug: string): Promise<LoadedCourse | null> {
  const { courseBySlug } = await author.request<{ courseBySlug: LoadedCourse | null }>(
    `query DemoCourse($slug: String!) { courseBySlug(slug: $slug) { ${courseFields} } }`,
    { slug },
  );
  return courseBySlug;
}

async function createCourse(
  author: GraphClient,
  { title, slug, summary }: DemoCourse,
): Promise<LoadedCourse> {
  const { courseCreate } = await author.request<{ courseCreate: { course: LoadedCourse } }>(
    `mutation CreateCourse($input: CourseCreateInput!) {
      courseCreate(input: $input) { course { ${courseFields} } userErrors { message code } }
    }`,
    { input: { title, slug, summary, language: 'en' } },
  );
  return courseCreate.course;
}

async function ensureModule(author: GraphClient, course: LoadedCourse, module: DemoModule): Promise<void> {
  const known = course.modules.find(({ title }) => title === module.title);
  const moduleId = known?.id ?? (await createModule(author, course.id, module.title));
  // One after another: the order of creation is the order of the course.
  for (const item of module.items) {
    if (known?.items.some(({ title }) => title === item.title)) continue;
    await createItem(author, course.id, moduleId, item);
  }
}

async function createModule(author: GraphClient, courseId: string, title: string): Promise<string> {
  const { moduleCreate } = await author.request<{ moduleCreate: { module: { id: string } } }>(
    `mutation CreateModule($input: ModuleCreateInput!) {
      moduleCreate(input: $input) { module { id } userErrors { message code } }
    }`,
    { input: { courseId, title } },
  );
  return moduleCreate.module.id;
}

async function createItem(
  author: GraphClient,
  courseId: string,
  moduleId: string,
  item: DemoItem,
): Promise<void> {
  const { title, type } = item;
  const content = await contentOf(author, courseId, item);
  await author.request(
    `mutation CreateItem($input: ContentItemCreateInput!) {
      contentItemCreate(input: $input) { contentItem { id } userErrors { message code } }
    }`,
    { input: { moduleId, title, type, required: item.optional !== true, ...content } },
  );
}

async function contentOf(
  author: GraphClient,
  courseId: string,
  item: DemoItem,
): Promise<Record<string, string>> {
  if (item.type === 'PAGE') return { body: item.body };
  if (item.type === 'QUIZ') return { assessmentId: await ensureAssessment(author, courseId, item) };
  return { url: item.url };
}

async function publish(author: GraphClient, id: string): Promise<void> {
  await author.request(
    `mutation PublishCourse($input: CoursePublishInput!) {
      coursePublish(input: $input) { course { id } userErrors { message code } }
    }`,
    { input: { id } },
  );
}
