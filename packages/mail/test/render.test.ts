import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startSmtpServer, temporaryDirectory } from '@lyceum/testing';
import { createTransport, linksIn, mailFolder, parseMail, renderMail } from '../src/index.ts';

const hostile = '<script>alert(1)</script>\r\nBcc: victim@example.org\r\n\r\n&"\' .\u2028x\u0000';

const content = {
  subject: `Grüße an ${hostile}`,
  greeting: `Hello ${hostile},`,
  paragraphs: ['Überall ist Fest. 你好 '.repeat(10), hostile, '.', 'From here'],
  links: [{ label: `Go ${hostile}`, url: `https://school.example/account/reset#token=${'x'.repeat(120)}` }],
  closing: [hostile],
  signature: hostile,
};

async function sent(transport: 'smtp' | 'files'): Promise<string> {
  const server = await startSmtpServer();
  const dataDirectory = temporaryDirectory();
  const smtpUrl = transport === 'smtp' ? server.url : undefined;
  const sender = createTransport({ smtpUrl, from: 'Lyceum <no-reply@school.example>', dataDirectory });
  const createdAt = new Date('2026-11-21T09:30:00.000Z');
  await sender.deliver({
    id: 'mail_1',
    recipient: 'ada@example.org',
    createdAt,
    ...renderMail(content, 'de'),
  });
  await server.stop();
  return transport === 'smtp'
    ? server.accepted[0]!
    : readFileSync(join(mailFolder(dataDirectory), 'mail_1.eml'), 'utf8');
}

describe.each(['smtp', 'files'] as const)('a mail by %s', (transport) => {
  test('is read as it was written, whatever a name in it holds', async () => {
    const { headers, text, html } = parseMail(await sent(transport));
    expect(headers.get('subject')).toMatch(
      /^Grüße an <script>alert\(1\)<\/script> Bcc: victim@example\.org &"' \. x$/,
    );
    expect(headers.get('bcc')).toBeUndefined();
    expect(headers.get('to')).toBe('ada@example.org');
    expect(headers.get('from')).toBe('Lyceum <no-reply@school.example>');
    expect(headers.get('message-id')).toBe('<mail_1@school.example>');
    expect(headers.get('date')).toBe('Sat, 21 Nov 2026 09:30:00 +0000');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(text).toContain('Überall ist Fest. 你好');
    expect(text.split('\n')).toContain('.');
    expect(linksIn({ text })).toEqual([content.links[0]!.url]);
    expect(html).not.toContain('<script');
    expect(html).toContain('&#60;script&#62;');
    expect(html).toContain('<html lang="de">');
  });

  test('has only lines that a server takes', async () => {
    for (const line of (await sent(transport)).split('\n')) expect(line.length).toBeLessThan(998);
  });
});

test('a link that is none is refused', () => {
  expect(() => renderMail({ ...content, links: [{ label: 'x', url: 'no url' }] }, 'en')).toThrow(
    'Invalid URL',
  );
});

test('a file of a mail is there as a whole or not at all, for its owner alone', async () => {
  const dataDirectory = temporaryDirectory();
  const folder = mailFolder(dataDirectory);
  mkdirSync(folder, { recursive: true });
  // What one that was killed has left.
  writeFileSync(join(folder, 'mail_1.eml.1.part'), 'Half a ma');
  const sender = createTransport({ smtpUrl: 'files', from: 'no-reply@school.example', dataDirectory });
  const mail = {
    id: 'mail_1',
    recipient: 'ada@example.org',
    createdAt: new Date(),
    ...renderMail(content, 'en'),
  };
  await sender.deliver(mail);
  await sender.deliver(mail);
  expect(readdirSync(folder).filter((name) => name.endsWith('.eml'))).toEqual(['mail_1.eml']);
});
