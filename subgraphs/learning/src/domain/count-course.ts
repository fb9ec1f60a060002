import { noEvidence, type ContentItemType, type Evidence } from './evidence.ts';
import { tally, type Tally } from './tally.ts';

/** What a course consists of, as far as progress counts it. */
export interface Outline {
  readonly modules: readonly { readonly id: string }[];
  readonly items: readonly {
    readonly id: string;
    readonly moduleId: string;
    readonly type: ContentItemType;
    readonly required: boolean;
  }[];
}

export interface CourseCount {
  readonly course: Tally;
  /** By module id, every module of the course. */
  readonly modules: ReadonlyMap<string, Tally>;
}

/** Counts one learner's progress through a course anew, from all that is known of its items. */
export function countCourse(outline: Outline, evidenceOf: ReadonlyMap<string, Evidence>): CourseCount {
  const items = outline.items.map((item) => ({ ...item, evidence: evidenceOf.get(item.id) ?? noEvidence }));
  const ofModule = (moduleId: string) => items.filter((item) => item.moduleId === moduleId);
  return {
    course: tally(items),
    modules: new Map(outline.modules.map(({ id }) => [id, tally(ofModule(id))])),
  };
}

/** Would any learner be counted otherwise by the one than by the other? Titles and order do not matter. */
export function countsAlike(one: Outline, other: Outline): boolean {
  return fingerprint(one) === fingerprint(other);
}

function fingerprint({ modules, items }: Outline): string {
  const counted = items.map(({ id, moduleId, type, required }) => [id, moduleId, type, required].join(' '));
  return [...modules.map(({ id }) => id), ...counted].sort().join('\n');
}
