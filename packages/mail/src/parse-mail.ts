/** A mail as its reader sees it. */
export interface ParsedMail {
  /** By lower-case name, decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
}

/** Reads what transport/ writes: an alternative of text and HTML (RFC 2046, 5.1.4), and no more of MIME than that. */
export function parseMail(raw: string): ParsedMail {
  const { headers, body } = split(raw.replace(/\r\n/g, '\n'));
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1];
  const parts = boundary === undefined ? [{ headers, body }] : partsOf(body, boundary);
  const partOf = (type: string) => {
    const part = parts.find((each) => each.headers.get('content-type')?.startsWith(type));
    return part ? decoded(part.body, part.headers.get('content-transfer-encoding')) : '';
  };
  return { headers, text: partOf('text/plain'), html: partOf('text/html') };
}

/** The links of a mail, as its text has them. */
export const linksIn = ({ text }: Pick<ParsedMail, 'text'>): string[] => text.match(/https?:\/\/\S+/g) ?? [];

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

function split(raw: string): Part {
  const end = raw.indexOf('\n\n');
  const lines = raw
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())];
  });
  return { headers: new Map(headers), body: raw.slice(end + 2) };
}

function partsOf(body: string, boundary: string): Part[] {
  const sections = body.split(
    new RegExp(`^--${boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:--)?\\n?`, 'm'),
  );
  return sections.slice(1, -1).map(split);
}

function decoded(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') return unquoted(body.replace(/=\n/g, '')).toString('utf8');
  return body;
}

function unquoted(text: string): Buffer {
  const latin1 = text.replace(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, 'latin1');
}

/** RFC 2047: `=?UTF-8?Q?Caf=C3=A9?=`; white space between two of them is none. */
function decodedWords(value: string): string {
  return value.replace(/\?=\s+=\?/g, '?==?').replace(/(?:=\?utf-8\?[bq]\?[^?]*\?=)+/gi, (run) => {
    const words = run.matchAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi);
    return Buffer.concat([...words].map(([, kind = '', word = '']) => wordOf(kind, word))).toString('utf8');
  });
}

function wordOf(kind: string, word: string): Buffer {
  return kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : unquoted(word.replace(/_/g, ' '));
}
