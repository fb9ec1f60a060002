import { idPrefix, invalid } from '@lyceum/service';
import type { ContentItemType, ItemContent } from '../store/content-items.ts';
import { checkedLength, checkedProse } from './checked-text.ts';

/** Where each type of item has its content. */
const kept: Readonly<Record<ContentItemType, keyof ItemContent>> = {
  PAGE: 'body',
  VIDEO: 'url',
  DOCUMENT: 'url',
  EXTERNAL: 'url',
  QUIZ: 'assessmentId',
};

/** Content as a client gives it: what is absent is null or undefined. */
export type GivenContent = { readonly [Kind in keyof ItemContent]?: string | null | undefined };

/**
 * The content of an item of `type`: exactly the kind that the type has.
 *
 * @param at the path of the input that `given` comes from.
 * @throws INVALID that names the kind which is missing, out of place or malformed.
 */
export function checkedContent(
  at: readonly string[],
  type: ContentItemType,
  given: GivenContent,
): ItemContent {
  const { body = null, url = null, assessmentId = null } = given;
  const content = { body, url, assessmentId };
  for (const kind of ['body', 'url', 'assessmentId'] as const) {
    if (content[kind] !== null && kind !== kept[type])
      throw invalid([...at, kind], `A ${type} has no ${kind}.`);
  }
  const needed = kept[type];
  if (content[needed] === null) throw invalid([...at, needed], `A ${type} needs its ${needed}.`);
  if (body !== null) checkedProse([...at, 'body'], body, 200_000);
  if (url !== null) checkUrl([...at, 'url'], url);
  if (assessmentId !== null) checkAssessmentId([...at, 'assessmentId'], assessmentId);
  return content;
}

/** Other schemes, such as javascript:, would run in the page of whoever follows the link. */
function checkUrl(field: readonly string[], url: string): void {
  checkedLength(field, url, 2_000);
  if (!/^https?:$/.test(new URL(url).protocol)) throw invalid(field, 'A URL here begins with http or https.');
}

/** Whether there is such an assessment, only its subgraph knows; a learner would find that out. */
function checkAssessmentId(field: readonly string[], id: string): void {
  if (idPrefix(id) !== 'assessment') throw invalid(field, `${id} is not the id of an assessment.`);
}
