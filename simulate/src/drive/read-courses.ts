import type { Course, CourseItem } from '../plan/course.ts';
import type { Graph } from './graph.ts';
import type { Session } from './sessions.ts';

interface CoursePage {
  courses: {
    nodes: { id: string; title: string; modules: { items: GraphItem[] }[] }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

type GraphItem = Omit<CourseItem, 'assessmentId'> & { assessment: { id: string } | null };

/** Every published course that has something to do, in the order of their creation, as the planner wants them. */
export async function readCourses(graph: Graph, session: Session): Promise<Course[]> {
  const courses: Course[] = [];
  let after: string | null = null;
  do {
    const page: CoursePage = await graph.request<CoursePage>(
      `query Courses($after: String) {
        courses(first: 20, after: $after, filter: { status: PUBLISHED }, orderBy: { field: CREATED_AT, direction: ASC }) {
          nodes { id title modules { items { id title type assessment { id } } } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { after },
      await session.accessToken(),
    );
    courses.push(...page.courses.nodes.map(asCourse));
    after = page.courses.pageInfo.hasNextPage ? page.courses.pageInfo.endCursor : null;
  } while (after !== null);
  return courses.filter(({ items }) => items.length > 0);
}

function asCourse({ id, title, modules }: CoursePage['courses']['nodes'][number]): Course {
  const items = modules.flatMap((module) => module.items);
  return {
    id,
    title,
    items: items.map(({ assessment, ...item }) => ({ ...item, assessmentId: assessment?.id ?? null })),
  };
}
