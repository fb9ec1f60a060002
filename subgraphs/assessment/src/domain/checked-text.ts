import { invalid } from '@lyceum/service';

/** U+0000, which PostgreSQL keeps in no text, and half of a surrogate pair, which it keeps in no JSON. */
const unkeepable = /[\0\p{Surrogate}]/u;

/**
 * A text as it is kept: without white space around it, of 1 to `most` characters, all of them Unicode's.
 *
 * @throws DomainError INVALID at `field`
 */
export function checkedText(field: readonly string[], text: string, most: number): string {
  const kept = text.trim();
  if (kept === '' || kept.length > most) {
    throw invalid(field, `Must have 1 to ${most.toLocaleString('en')} characters.`);
  }
  if (unkeepable.test(kept)) {
    throw invalid(field, 'Must be text: without the character U+0000, and without half of a surrogate pair.');
  }
  return kept;
}

/** As {@link checkedText}; nothing, and what is only white space, is null. */
export function checkedOptionalText(
  field: readonly string[],
  text: string | null | undefined,
  most: number,
): string | null {
  return text == null || text.trim() === '' ? null : checkedText(field, text, most);
}

/** A key by which a client may ask again without doing again. @throws DomainError INVALID */
export function checkedIdempotencyKey(key: string): string {
  return checkedText(['input', 'idempotencyKey'], key, 200);
}
