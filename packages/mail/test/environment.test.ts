import { describe, expect, test } from '@jest/globals';
import { commonEnvironment, parseEnvironment } from '@lyceum/service';
import { mailEnvironment, mailFaults } from '../src/index.ts';

const read = (source: NodeJS.ProcessEnv) =>
  parseEnvironment({ NODE_ENV: commonEnvironment.NODE_ENV, ...mailEnvironment }, source, mailFaults);

describe('the environment of mail', () => {
  test('in production says where mails go, and from whom they come', () => {
    expect(() => read({ NODE_ENV: 'production' })).toThrow(
      'SMTP_URL: not set, but accounts need mail in production',
    );
    const smtp = { NODE_ENV: 'production', SMTP_URL: 'smtp://mail.school.example:587' };
    expect(() => read(smtp)).toThrow('MAIL_FROM: must be set');
    expect(() => read({ ...smtp, MAIL_FROM: 'School <no-reply@school.example>' })).not.toThrow();
    expect(() => read({ NODE_ENV: 'production', SMTP_URL: 'files' })).not.toThrow();
    expect(() => read({})).not.toThrow();
  });

  test.each([
    ['SMTP_URL', 'mail.school.example'],
    ['SMTP_URL', 'https://mail.school.example'],
    ['MAIL_FROM', 'School'],
    ['MAIL_FROM', 'a@b.example>\r\nBcc: c@d.example'],
  ])('refuses %s %j', (variable, value) => {
    expect(() => read({ [variable]: value })).toThrow(variable);
  });

  test('puts a password of its own into the URL', () => {
    const env = read({ SMTP_URL: 'smtp://user@mail.school.example', SMTP_PASSWORD: 'a/b@c' });
    expect(env.SMTP_URL).toBe('smtp://user:a%2Fb%40c@mail.school.example');
  });
});
