import { htmlOf } from './html.ts';
import { textOf } from './text.ts';

export interface MailLink {
  readonly label: string;
  readonly url: string;
}

/** What a mail says, without any form: a template gives this, in the language of its reader. */
export interface MailContent {
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly links?: readonly MailLink[];
  /** Below the links. */
  readonly closing?: readonly string[];
  /** From whom it comes, such as the organisation's name. */
  readonly signature: string;
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * The two forms of a mail. Whatever a value in it holds, it stays within its line and its element: neither a header nor
 * a paragraph nor markup can be added by a name.
 */
export function renderMail(content: MailContent, locale: string): RenderedMail {
  const lines = {
    subject: oneLine(content.subject),
    greeting: oneLine(content.greeting),
    paragraphs: content.paragraphs.map(oneLine),
    links: (content.links ?? []).map(({ label, url }) => ({ label: oneLine(label), url: new URL(url).href })),
    closing: (content.closing ?? []).map(oneLine),
    signature: oneLine(content.signature),
  };
  return { subject: lines.subject, text: textOf(lines), html: htmlOf(lines, locale) };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Control}\p{Surrogate}\u2028\u2029]+/gu, ' ').trim();
}
