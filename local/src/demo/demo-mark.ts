import { readJsonFile, writeJsonFile } from '../data/json-file.ts';

/** Written when the demo data is complete, so that it is loaded once; and what the banner needs of it. */
export interface DemoMark {
  /** ISO 8601. */
  readonly completedAt: string;
  readonly learnerId: string;
  readonly course: { readonly id: string; readonly title: string };
  /** An item that the demo learner has not finished. */
  readonly item: { readonly id: string; readonly title: string };
}

export function readDemoMark(file: string): DemoMark | undefined {
  return readJsonFile(file) as DemoMark | undefined;
}

export function writeDemoMark(file: string, mark: DemoMark): void {
  writeJsonFile(file, mark);
}
