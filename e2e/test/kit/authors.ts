import { expect } from '@jest/globals';
import type { System } from '@lyceum/testing';
import type { Senders } from './burst.ts';
import { queryDatabase } from './database.ts';
import { logIn } from './people.ts';

/** Authors who create courses. */
export interface Authors extends Senders {
  /** What was created is in the catalog, and every service that hears of courses knows all of them. */
  expectEachKnown(): Promise<void>;
}

const authors = 4;

export async function createAuthors(system: System): Promise<Authors> {
  const { ask } = await logIn(system, 'author');
  const accepted = new Set<string>();

  async function create(): Promise<boolean> {
    const { courseCreate } = await ask<{ courseCreate: { course: { id: string } | null } }>(
      'mutation Create($input: CourseCreateInput!) { courseCreate(input: $input) { course { id } } }',
      { input: { title: `Draft ${crypto.randomUUID()}` } },
    );
    if (courseCreate.course === null) return false;
    accepted.add(courseCreate.course.id);
    return true;
  }

  async function coursesOf(service: string): Promise<Set<string>> {
    const rows = await queryDatabase<{ id: string }>(system, service, 'SELECT id FROM course');
    return new Set(rows.map(({ id }) => id));
  }

  return {
    accepted,
    requests: Array.from({ length: authors }, () => create),
    async expectEachKnown() {
      const inCatalog = await coursesOf('catalog');
      const unknown = { catalog: [...accepted].filter((id) => !inCatalog.has(id)).length };
      for (const service of ['learning', 'assessment']) {
        const known = await coursesOf(service);
        Object.assign(unknown, { [service]: [...inCatalog].filter((id) => !known.has(id)).length });
      }
      expect(unknown).toEqual({ catalog: 0, learning: 0, assessment: 0 });
    },
  };
}
