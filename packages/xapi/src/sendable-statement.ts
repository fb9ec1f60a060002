import { editElements, editMembers, withoutMembers } from './json-text.ts';

/** What a store adds by itself (Data 2.4.8 to 2.4.10): another that the statement is sent to adds its own. */
const ownOfStore = ['stored', 'authority', 'version'];

/**
 * A statement as it is kept, as it is sent on to another store; whatever stays keeps every byte.
 *
 * @param o.bytes whether the bytes of attachments go along; where they do not, an attachment that is nowhere else to be had
 * (fileUrl) is left out, since nobody takes a statement without it (Communication 1.5.2)
 */
export function sendableStatement(text: string, { bytes }: { bytes: boolean }): string {
  const own = withoutMembers(text, ownOfStore);
  return bytes || !own.includes('"attachments"') ? own : withoutBytes(own);
}

function withoutBytes(text: string): string {
  return editMembers(text, (value, key) => {
    if (key === 'attachments') return elsewhere(value);
    return key === 'object' && value.includes('"attachments"') && isSubStatement(value)
      ? withoutBytes(value)
      : value;
  });
}

/** Undefined where none is left: a list of attachments is never empty. */
function elsewhere(attachments: string): string | undefined {
  const left: string[] = [];
  editElements(attachments, (each) => {
    if ((JSON.parse(each) as { fileUrl?: unknown }).fileUrl !== undefined) left.push(each);
    return each;
  });
  return left.length === 0 ? undefined : `[${left.join(',')}]`;
}

const isSubStatement = (object: string) =>
  (JSON.parse(object) as { objectType?: string }).objectType === 'SubStatement';
