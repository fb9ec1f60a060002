import { z } from 'zod';

/** `SMTP_URL=files`: mails lie as files in the data directory. */
export const toFiles = 'files';

const protocols = ['smtp:', 'smtps:'];

/** For a service that sends mails. */
export const mailEnvironment = {
  /** `smtp://user:password@host:587?requireTLS=true`, `smtps://…:465`, or `files`. */
  SMTP_URL: z
    .string()
    .refine(
      (text) => text === toFiles || (URL.canParse(text) && protocols.includes(new URL(text).protocol)),
      'must be a URL that begins with smtp:// or smtps://, or "files"',
    )
    .optional(),
  /** As it is, where the URL does not hold it. */
  SMTP_PASSWORD: z.string().optional(),
  /** The sender: an address, or `Name <address>`. */
  MAIL_FROM: z
    .string()
    .regex(/^[^<>\r\n]*<?[^\s@<>]+@[^\s@<>]+>?$/, 'must be an address, or a name and <an address>')
    .default('Lyceum <no-reply@lyceum.example>'),
};

interface MailVariables {
  readonly NODE_ENV: string;
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM: string;
}

/** In production people wait for their links: where mails go has to be said, and from whom they come. */
export function mailFaults({ NODE_ENV, SMTP_URL, MAIL_FROM }: MailVariables) {
  if (NODE_ENV !== 'production') return [];
  if (SMTP_URL === undefined) {
    const reason =
      'not set, but accounts need mail in production: set the server that sends it, or "files" to keep mails in the data directory';
    return [{ variable: 'SMTP_URL', reason }];
  }
  const nobodys = SMTP_URL !== toFiles && MAIL_FROM.includes('lyceum.example');
  return nobodys
    ? [{ variable: 'MAIL_FROM', reason: 'must be set to the address that sends, in production' }]
    : [];
}
