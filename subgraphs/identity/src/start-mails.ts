import { createMailRelay, createTransport, toFiles, type MailRelay } from '@lyceum/mail';
import type { Logger, Metrics } from '@lyceum/service';
import type { Env } from './env.ts';

/** Sends what the domain has written, from here on; production is warned where nobody gets it. */
export function startMails(
  env: Env,
  of: { connectionString: string; logger: Logger; metrics: Metrics },
): MailRelay {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, LYCEUM_DATA_DIR: dataDirectory } = env;
  if (env.NODE_ENV === 'production' && smtpUrl === toFiles)
    of.logger.warn(
      { dataDirectory },
      'mails are sent to nobody: SMTP_URL=files keeps them in the data directory',
    );
  return createMailRelay({ ...of, transport: createTransport({ smtpUrl, from, dataDirectory }) });
}
