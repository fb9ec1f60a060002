import { invalid } from '@lyceum/service';

/** The ways in which a statement's JSON may write one word: any of them is the word. */
export type Needles = readonly string[];

const [longest, mostWords] = [200, 8];

/**
 * What is looked for in the text of a statement: each word, in whatever case, wherever it stands. JSON may write it with
 * escapes, which hide its case.
 *
 * @throws INVALID for no words or too many
 */
export function needlesOf(field: readonly string[], search: string): Needles[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || words.length > mostWords || search.length > longest)
    throw invalid(field, `Must have 1 to ${mostWords} words, and ${longest} characters at most.`);
  return words.map((word) => {
    const written = JSON.stringify(word).slice(1, -1);
    const escaped = [written.toLowerCase(), written.toUpperCase()].map(inAscii);
    return [...new Set([written, ...escaped.filter((each) => /\\u/i.test(each))])];
  });
}

function inAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- what is within ASCII stays as it is
  return text.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same as a condition in ClickHouse does (statement-list.ts). */
export function hasWords(text: string, words: readonly Needles[]): boolean {
  if (words.length === 0) return true;
  const lower = text.toLowerCase();
  return words.every((needles) => needles.some((needle) => lower.includes(needle.toLowerCase())));
}
