import { expect, test } from '@jest/globals';
import { createTransport, mailFolder, renderMail } from '@lyceum/mail';
import { newId } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import { renderMails } from '../src/mail/render-mails.ts';

test('the last mails are listed with their links, the newest at the end', async () => {
  const dataDirectory = temporaryDirectory();
  expect(renderMails(mailFolder(dataDirectory), 10)).toContain('There are no mails in');
  const transport = createTransport({ smtpUrl: undefined, from: 'no-reply@school.example', dataDirectory });
  for (const hour of ['09', '10', '11']) {
    const url = `https://school.example/account/verify#token=lya_${hour}`;
    const content = { subject: `Grüße um ${hour}`, greeting: 'Hello,', paragraphs: [], signature: 'School' };
    const rendered = renderMail({ ...content, links: [{ label: 'Go', url }] }, 'de');
    const createdAt = new Date(`2026-11-21T${hour}:00:00.000Z`);
    await transport.deliver({ id: newId('mail'), recipient: 'ada@school.example', createdAt, ...rendered });
  }
  expect(renderMails(mailFolder(dataDirectory), 2)).toBe(
    `1 more in ${mailFolder(dataDirectory)}\n\n` +
      '2026-11-21T10:00:00.000Z  ada@school.example  Grüße um 10\n' +
      '  https://school.example/account/verify#token=lya_10\n\n' +
      '2026-11-21T11:00:00.000Z  ada@school.example  Grüße um 11\n' +
      '  https://school.example/account/verify#token=lya_11\n',
  );
});
