/** What a spreadsheet takes for a formula (OWASP, CSV Injection), behind any number of apostrophes. */
const formula = /^'*[=+\-@\t\r]/;

/**
 * A cell that no spreadsheet runs: an apostrophe before what it would take for a formula, as OWASP advises
 * (https://owasp.org/www-community/attacks/CSV_Injection). One before cells that begin so already keeps apart what
 * `fromHarmlessCell` reads.
 */
export function toHarmlessCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** What was meant by a cell: `toHarmlessCell` backwards. A formula as it is is text, and taken as that. */
export function fromHarmlessCell(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}
