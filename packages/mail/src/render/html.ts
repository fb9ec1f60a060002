import type { MailContent, MailLink } from './render-mail.ts';

const font = 'font:16px/1.5 system-ui,-apple-system,Segoe UI,sans-serif';
const button =
  'display:inline-block;padding:10px 18px;border-radius:6px;background:#1f4e79;color:#fff;text-decoration:none';

/** No picture, no style sheet, nothing that is loaded: what every reader of mails shows. */
export function htmlOf(content: Required<MailContent>, locale: string): string {
  const { subject, greeting, paragraphs, links, closing, signature } = content;
  return `<!doctype html>
<html lang="${escaped(locale)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1c1e21;${font}">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
${[greeting, ...paragraphs].map(paragraph).join('\n')}
${links.map(linkOf).join('\n')}
${closing.map(paragraph).join('\n')}
<p style="color:#5f6368;font-size:14px">${escaped(signature)}</p>
</div>
</body>
</html>
`;
}

const paragraph = (text: string) => `<p>${escaped(text)}</p>`;

/** The address also stands there to be read, and copied. */
function linkOf({ label, url }: MailLink): string {
  const href = escaped(url);
  return `<p><a href="${href}" style="${button}">${escaped(label)}</a><br><span style="font-size:13px;word-break:break-all">${href}</span></p>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
