// What JSON escapes, and halves of surrogate pairs, which may be alone.
// eslint-disable-next-line no-control-regex
const needsEscape = /[\u0000-\u001f"\\\ud800-\udfff]/;
/** From so many characters on, JSON.stringify is no slower than looking first. */
const long = 64;

/** A string as JSON. */
export function quote(text: string): string {
  return text.length > long || needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}
