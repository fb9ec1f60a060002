import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { mailFolder } from '../mail-folder.ts';
import { messageOf } from './message.ts';
import type { Transport } from './transport.ts';

/** A mail is a file of its name, there as a whole or not at all: written again, it is the same one. */
export function fileTransport(options: { from: string; dataDirectory: string }): Transport {
  const folder = mailFolder(options.dataDirectory);
  return {
    async deliver(mail) {
      // Imported with the first mail: it takes 17 MB, which most starts never need.
      const { createTransport } = await import('nodemailer');
      const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
      const { message } = await composer.sendMail(messageOf(mail, options.from));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWhole(join(folder, `${mail.id}.eml`), message as Buffer);
    },
    close: () => undefined,
  };
}

async function writeWhole(path: string, content: Buffer): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
