/**
 * Timestamps (Data 4.5): ISO 8601's extended calendar format, to the minute or finer; RFC 3339 is the subset
 * that xAPI 2.0 asks for. A missing zone is UTC.
 */
const form =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

const space = 32;

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  if (month !== 2) return daysOfMonth[month - 1] ?? 0;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

function isDate(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= daysIn(year, month);
}

/** 24:00:00 is midnight at the end of a day; a leap second is allowed where it may fall. */
function isTime(hour: number, minute: number, second: number, fraction: string): boolean {
  if (hour === 24) return minute === 0 && second === 0 && !/[1-9]/.test(fraction);
  return hour < 24 && minute < 60 && second < 61;
}

/** Minus zero says "offset unknown", which Data 4.5 forbids. */
function isZone(zone: string): boolean {
  if (zone === '' || zone === 'Z') return true;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
  return hours < 24 && minutes < 60 && !(zone.startsWith('-') && hours + minutes === 0);
}

/** Whether a text is a timestamp of an instant that exists. */
export function isTimestamp(text: string): boolean {
  return text.charCodeAt(10) !== space && isTimestamp20(text);
}

/** The same in 2.0, where a space may stand for the T: RFC 3339 (5.6) allows what ISO 8601 does not. */
export function isTimestamp20(text: string): boolean {
  const match = form.exec(text);
  if (match === null) return false;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = ''] = match;
  return (
    isDate(Number(year), Number(month), Number(day)) &&
    isTime(Number(hour), Number(minute), Number(second), fraction) &&
    isZone(zone)
  );
}

/**
 * Microseconds since 1970 (UTC) of a timestamp that {@link isTimestamp20} accepts; finer digits are cut. A leap
 * second is the first of the next minute.
 */
export function timestampMicros(text: string): bigint {
  const match = form.exec(text);
  if (match === null) throw new RangeError(`not a timestamp: ${text}`);
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = ''] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const micros = BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return BigInt(date.getTime() - zoneMillis(zone)) * 1000n + micros;
}

function zoneMillis(zone: string): number {
  if (zone === '' || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + (zone.length > 3 ? Number(zone.slice(-2)) : 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Microseconds since 1970 as `2026-11-21T10:00:00.000000Z`. Source of the order of `stored`. */
export function formatMicros(micros: bigint): string {
  // BigInt divides towards zero; before 1970 the rest would be negative.
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const millis = (micros - rest) / 1000n;
  const iso = new Date(Number(millis)).toISOString();
  return `${iso.slice(0, -1)}${rest.toString().padStart(3, '0')}Z`;
}
