/** The levels of pino that people see on the terminal; all others go to the log file only. */
const shownFrom = 40;
const levels: Readonly<Record<number, string>> = { 40: 'warning', 50: 'error', 60: 'fatal' };

interface LogEntry {
  level: number;
  time: number;
  service?: string;
  msg?: string;
  err?: { message?: string };
}

/**
 * A line of a service's log as people read it, or undefined where it is not worth their attention: below warning, or
 * not written by the logger at all.
 */
export function readableLogLine(line: string): string | undefined {
  const entry = parse(line);
  if (!entry || entry.level < shownFrom) return undefined;
  const time = new Date(entry.time).toTimeString().slice(0, 8);
  return `${time} ${entry.service ?? ''} ${levels[entry.level] ?? 'error'}: ${oneLine(wordsOf(entry))}`;
}

/** The message and the error's own, where that adds something. */
function wordsOf({ msg = '', err }: LogEntry): string {
  const reason = err?.message ?? '';
  if (reason === '' || reason.startsWith(msg)) return reason || msg;
  return `${msg.replace(/\.$/, '')}: ${reason}`;
}

const longest = 300;

/** Some errors come as a page, with their point at the end; the whole of it is in the log. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, 100)} … ${line.slice(100 - longest)}` : line;
}

function parse(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as Partial<LogEntry>;
    return typeof entry.level === 'number' && typeof entry.time === 'number'
      ? (entry as LogEntry)
      : undefined;
  } catch {
    return undefined;
  }
}
