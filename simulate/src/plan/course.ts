/** A published course, as far as learners work through it. */
export interface Course {
  readonly id: string;
  readonly title: string;
  readonly items: readonly CourseItem[];
}

export interface CourseItem {
  readonly id: string;
  readonly title: string;
  readonly type: 'PAGE' | 'VIDEO' | 'DOCUMENT' | 'QUIZ' | 'EXTERNAL';
  /** Of a quiz. */
  readonly assessmentId: string | null;
}
