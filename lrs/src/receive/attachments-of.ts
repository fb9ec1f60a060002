import type { Attachment, Fault, Statement } from '@lyceum/xapi';

/** An attachment object, and where in the request it stands. */
export interface PlacedAttachment {
  readonly path: string;
  readonly attachment: Attachment;
}

/** The attachments of a statement, those of its SubStatement too (Data 2.4.11). */
export function attachmentsOf({ attachments, object }: Statement): readonly Attachment[] {
  const inner = object.objectType === 'SubStatement' ? object.attachments : undefined;
  if (attachments === undefined) return inner ?? none;
  return inner === undefined ? attachments : [...attachments, ...inner];
}

const none: readonly Attachment[] = [];

/** @param at the path of the statement, with a dot behind it, or nothing */
export function placedAttachments(statement: Statement, at: string): PlacedAttachment[] {
  const { attachments = none, object } = statement;
  const inner = object.objectType === 'SubStatement' ? (object.attachments ?? none) : none;
  const placed = (name: string) => (attachment: Attachment, index: number) => ({
    path: `${at}${name}[${String(index)}]`,
    attachment,
  });
  return [...attachments.map(placed('attachments')), ...inner.map(placed('object.attachments'))];
}

/** The faults of attachments whose bytes nobody can find (Communication 1.5.2). */
export function unfound(
  placed: readonly PlacedAttachment[],
  isFound: (attachment: Attachment) => boolean,
  reason: string,
): Fault[] {
  return placed
    .filter(({ attachment }) => attachment.fileUrl === undefined && !isFound(attachment))
    .map(({ path }) => ({ path, reason, spec: 'Communication 1.5.2' }));
}
