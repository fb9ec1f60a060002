import type { NodemailerError } from 'nodemailer';
import { messageOf } from './message.ts';
import { PermanentRefusal } from './permanent-refusal.ts';
import type { Transport } from './transport.ts';

const TEN_SECONDS_MS = 10_000;
/** Whoever gives up sooner, while the server still takes the mail in, sends it twice (RFC 5321, 4.5.3.2.6). */
const TEN_MINUTES_MS = 600_000;

/**
 * A connection for each mail: a pool of them would send a mail again by itself where its connection ends at the wrong
 * moment.
 */
export function smtpTransport({ url, from }: { url: string; from: string }): Transport {
  let transporter: Transporter | undefined;
  return {
    async deliver(mail) {
      transporter ??= await openTransporter(url);
      try {
        await transporter.sendMail(messageOf(mail, from));
      } catch (error) {
        throw isPermanent(error as NodemailerError)
          ? new PermanentRefusal((error as Error).message, { cause: error })
          : error;
      }
    },
    close: () => {
      transporter?.close();
    },
  };
}

type Transporter = Awaited<ReturnType<typeof openTransporter>>;

async function openTransporter(url: string) {
  // Imported with the first mail: it takes 17 MB, which most starts never need.
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: TEN_SECONDS_MS,
    greetingTimeout: TEN_SECONDS_MS,
    socketTimeout: TEN_MINUTES_MS,
  });
}

/**
 * Is it this mail that the server refuses (RFC 5321, 4.2.1: 5yz)? A refusal of the greeting, of the log-in or of the
 * sender is about how we are set up: that can be mended, and the mail sent then.
 */
function isPermanent({ permanent, command, code, responseCode }: NodemailerError): boolean {
  if (responseCode === undefined) return code === 'EENVELOPE';
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}
