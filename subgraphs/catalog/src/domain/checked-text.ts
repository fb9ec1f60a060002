import { invalid } from '@lyceum/service';

/** PostgreSQL keeps U+0000 in no text; half of a surrogate pair is none, and would be kept as something else. */
const unkeepable = /[\0\p{Surrogate}]/u;

/** They show nothing; and an event carries titles as JSON, which writes such a character in six bytes. */
const control = /\p{Control}/u;
const controlBesideLines = /[^\P{Control}\t\r\n]/u;

/** One line of 1 to 200 characters, without white space around it. @throws INVALID */
export function checkedTitle(field: readonly string[], title: string): string {
  const trimmed = checkedLength(field, title.trim(), 200);
  if (trimmed === '') throw invalid(field, 'A title has 1 to 200 characters.');
  if (control.test(trimmed)) throw invalid(field, 'A title has no control characters, and one line.');
  return trimmed;
}

/** A text of several lines. @throws INVALID */
export function checkedProse(field: readonly string[], text: string, longest: number): string {
  if (controlBesideLines.test(checkedLength(field, text, longest)))
    throw invalid(field, 'A text has no control characters but tabs and line breaks.');
  return text;
}

/** @throws INVALID */
export function checkedLength(field: readonly string[], text: string, longest: number): string {
  if (text.length > longest) throw invalid(field, `At most ${longest} characters; it has ${text.length}.`);
  if (unkeepable.test(text))
    throw invalid(field, 'A text is without the character U+0000, and without half of a surrogate pair.');
  return text;
}

/** Can a course have this slug? */
export function isSlug(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

/** @throws INVALID */
export function checkedSlug(field: readonly string[], slug: string): string {
  if (isSlug(slug)) return slug;
  throw invalid(field, 'A slug has 1 to 100 lower-case letters and digits, with single hyphens between.');
}

/** A slug made from a title: "Bread für Anfänger" becomes `bread-fur-anfanger`. @throws INVALID where none can be. */
export function slugOfTitle(field: readonly string[], title: string): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replace(/^-|-$/g, '');
  if (slug === '') throw invalid(field, 'No slug can be made from this title: give one.');
  return slug;
}

/** A language tag in its canonical form (RFC 5646, 4.5); the scalar Locale has accepted it. @throws INVALID */
export function checkedLanguage(field: readonly string[], language: string): string {
  const [canonical = ''] = Intl.getCanonicalLocales(language);
  return checkedLength(field, canonical, 100);
}
