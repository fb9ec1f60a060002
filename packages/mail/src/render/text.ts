import type { MailContent } from './render-mail.ts';

/** The plain text: a link stands alone on its line, whole. */
export function textOf({ greeting, paragraphs, links, closing, signature }: Required<MailContent>): string {
  const linked = links.map(({ label, url }) => `${label}:\n${url}`);
  // "-- " begins the signature (RFC 3676, 4.3).
  return `${[greeting, ...paragraphs, ...linked, ...closing, `-- \n${signature}`].join('\n\n')}\n`;
}
