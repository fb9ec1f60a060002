import { toFiles } from '../mail-environment.ts';
import { fileTransport } from './file-transport.ts';
import { smtpTransport } from './smtp-transport.ts';

/** A mail that is to be sent now. */
export interface OutgoingMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly createdAt: Date;
}

export interface Transport {
  /**
   * Resolves once the receiver answers for the mail.
   *
   * @throws PermanentRefusal where trying again would be refused again; anything else may succeed later
   */
  deliver(mail: OutgoingMail): Promise<void>;
  close(): void;
}

export interface TransportOptions {
  /** Undefined or `files`: mails are files in the data directory. */
  readonly smtpUrl: string | undefined;
  readonly from: string;
  readonly dataDirectory: string;
}

export function createTransport({ smtpUrl, from, dataDirectory }: TransportOptions): Transport {
  if (smtpUrl === undefined || smtpUrl === toFiles) return fileTransport({ from, dataDirectory });
  return smtpTransport({ url: smtpUrl, from });
}
