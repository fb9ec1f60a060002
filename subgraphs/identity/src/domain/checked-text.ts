import { invalid } from '@lyceum/service';

/** Control characters show nothing and PostgreSQL keeps U+0000 in no text; half of a surrogate pair is none. */
const noText = /[\p{Control}\p{Surrogate}]/u;

/** One @ between something and a domain with a dot; what more there is to know, only a message to it can tell. */
const emailShape = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** Why a name, without white space around it, can't be taken; undefined where it can. */
export function nameFault(name: string): string | undefined {
  if (name === '' || name.length > 200) return 'must have 1 to 200 characters';
  return noText.test(name) ? 'must be one line of text, without control characters' : undefined;
}

/** Why an address can't be taken; undefined where it can. */
export function emailFault(address: string): string | undefined {
  const taken = emailShape.test(address) && address.length <= 254 && !noText.test(address);
  return taken ? undefined : 'must be an e-mail address';
}

/** A line of text as it is kept; null for none. @throws INVALID */
export function checkedOptionalText(
  field: readonly string[],
  text: string | null,
  longest: number,
): string | null {
  const kept = text?.trim() ?? '';
  if (kept.length > longest) throw invalid(field, `At most ${longest} characters; it has ${kept.length}.`);
  if (noText.test(kept)) throw invalid(field, 'It must be one line of text, without control characters.');
  return kept === '' ? null : kept;
}

/** Text of several lines as it is kept; null for none. @throws INVALID */
export function checkedText(field: readonly string[], text: string | null, longest: number): string | null {
  const kept = text?.replace(/\r\n?/g, '\n').trim() ?? '';
  checkedOptionalText(field, kept.replace(/[\n\t]/g, ' '), longest);
  return kept === '' ? null : kept;
}

/** A name as it is kept. @throws INVALID */
export function checkedName(field: readonly string[], name: string): string {
  const kept = name.trim();
  const fault = nameFault(kept);
  if (fault !== undefined) throw invalid(field, `The name ${fault}.`);
  return kept;
}

/** An address as it is kept: addresses are compared without regard to case. @throws INVALID */
export function checkedEmail(field: readonly string[], email: string): string {
  const kept = email.trim().toLowerCase();
  const fault = emailFault(kept);
  if (fault !== undefined) throw invalid(field, `The address ${fault}.`);
  return kept;
}

/** A language tag in its canonical form (BCP 47); null for none. @throws INVALID */
export function checkedLocale(field: readonly string[], locale: string | null): string | null {
  if (locale === null) return null;
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null;
  } catch {
    throw invalid(field, 'The locale must be a language tag, such as en-GB.');
  }
}

/** What may stand behind the @ of an address. @throws INVALID */
export function checkedDomain(field: readonly string[], domain: string): string {
  const kept = domain.trim().toLowerCase().replace(/^@/, '');
  if (emailFault(`x@${kept}`) !== undefined) throw invalid(field, `${JSON.stringify(domain)} is no domain.`);
  return kept;
}

/** What is searched for; undefined where that is nothing. @throws INVALID */
export function checkedSearch(
  field: readonly string[],
  search: string | null | undefined,
): string | undefined {
  const text = search?.trim() ?? '';
  if (text.length > 200) throw invalid(field, `At most 200 characters; it has ${text.length}.`);
  if (noText.test(text)) throw invalid(field, 'It must be text, without control characters.');
  return text === '' ? undefined : text;
}
