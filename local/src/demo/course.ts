/** A course of the demo data, as its author would write it down. */
export interface DemoCourse {
  readonly title: string;
  /** Its name within the organisation, by which a repeated load finds it. */
  readonly slug: string;
  readonly summary: string;
  readonly modules: readonly DemoModule[];
}

export interface DemoModule {
  readonly title: string;
  readonly items: readonly DemoItem[];
}

/** One thing to work through; required unless it says otherwise. */
export type DemoItem = DemoPage | DemoLink | DemoQuiz;

interface ItemFields {
  readonly title: string;
  readonly optional?: true;
}

export interface DemoPage extends ItemFields {
  readonly type: 'PAGE';
  /** Markdown. */
  readonly body: string;
}

export interface DemoLink extends ItemFields {
  readonly type: 'VIDEO' | 'DOCUMENT' | 'EXTERNAL';
  readonly url: string;
}

export interface DemoQuiz extends ItemFields {
  readonly type: 'QUIZ';
  /** The share of the points that passes, 0 to 1. */
  readonly passingScore: number;
  readonly questions: readonly DemoQuestion[];
}

interface QuestionFields {
  readonly prompt: string;
  /** Shown after submission, whatever the answer. */
  readonly feedback: string;
  readonly points: number;
}

export interface DemoChoice {
  readonly text: string;
  readonly correct?: true;
}

export type DemoQuestion = QuestionFields &
  (
    | { readonly kind: 'SINGLE_CHOICE' | 'MULTIPLE_RESPONSE'; readonly choices: readonly DemoChoice[] }
    | { readonly kind: 'TRUE_FALSE'; readonly correct: boolean }
    | { readonly kind: 'NUMERICAL'; readonly value: number; readonly tolerance: number }
  );
