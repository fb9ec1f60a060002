import type { GraphQLClient } from '@lyceum/testing';
import { courseFields, run, type CourseAnswer } from './operations.ts';

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
