import { describe, expect, test } from '@jest/globals';
import type { MailTemplate, MailVariables } from '../src/mails/mail-texts.ts';
import { mailLanguage, mailLanguages, renderTemplate } from '../src/mails/render-template.ts';

const url = 'https://school.example/account/verify#token=lya_x';
const hostile = '<script>alert("x")</script>\r\nBcc: all@school.example\n\n& Söhne';
const shown = '<script>alert("x")</script> Bcc: all@school.example & Söhne';

/** Values of every template, each to be found in the mail. */
const variables: { [T in MailTemplate]: MailVariables[T] } = {
  verifyAddress: { organisation: hostile, url },
  accountExists: { organisation: hostile, url },
  invitation: { organisation: hostile, inviter: `Inviting ${hostile}`, url, days: 7 },
  passwordReset: { links: [{ label: hostile, url }] },
  passwordChanged: {
    name: `Named ${hostile}`,
    organisation: hostile,
    url,
    when: '2026-11-28 06:30 UTC',
    where: hostile,
  },
  accountChanged: {
    name: `Named ${hostile}`,
    organisation: hostile,
    change: 'passkey.create',
    when: '2026-11-28 06:30 UTC',
    where: hostile,
  },
  addressChange: { url },
  addressInUse: {},
  addressChangeAsked: { name: hostile, url },
  addressChanged: { name: hostile },
  personalDataReady: { name: `Named ${hostile}`, organisation: hostile, url, days: 7 },
  personErased: { organisation: hostile },
};

const templates = Object.keys(variables) as MailTemplate[];
const cases = Object.keys(mailLanguages).flatMap((language) =>
  templates.map((template): [string, MailTemplate] => [language, template]),
);

const render = (language: string, template: MailTemplate) =>
  renderTemplate(template, variables[template], { language, sender: hostile });

/** Every text among the values of a template. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [String(value)];

describe.each(cases)('in %s the mail %s', (language, template) => {
  const { subject, text, html } = render(language, template);

  test('holds all that it is told, and nothing is missing', () => {
    // Of a change its name is said in words.
    for (const value of textsIn({ ...variables[template], change: '' })) {
      expect(text).toContain(value.replace(hostile, shown));
    }
    expect(subject.length).toBeGreaterThan(5);
    for (const each of [subject, text, html]) expect(each).not.toMatch(/undefined|null|\[object|\$\{|NaN/);
  });

  test('lets no value out of its place', () => {
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(html).not.toMatch(/<script|& S/);
    expect(html.match(/<p>/g)?.length).toBeGreaterThan(1);
    // The tags are those of the layout.
    expect([...new Set(html.match(/<\/?[a-z]+/g))].sort()).toEqual(
      expect.arrayContaining(['<body', '<div', '<html', '<p', '</p', '</html']),
    );
  });

  test('is written in that language, and not in English by mistake', () => {
    if (language !== 'en') {
      expect(subject).not.toBe(render('en', template).subject);
      expect(text).not.toMatch(/\b(Hello|hopefully|Open the link)\b/);
    }
    expect(html).toContain(`<html lang="${language}">`);
  });
});

test.each([
  ['fr-CH', 'fr'],
  ['DE', 'de'],
  ['tlh', 'en'],
  ['', 'en'],
  ['constructor', 'en'],
  [undefined, 'en'],
])('the language of %j is %s', (locale, language) => {
  expect(mailLanguage(locale)).toBe(language);
});

test.each(Object.keys(mailLanguages))(
  'in %s every change of an account is told in words of its own',
  (language) => {
    const changes = [
      'passkey.create',
      'passkey.delete',
      'totp.enrol',
      'totp.remove',
      'recovery-code.use',
      'recovery-codes.renew',
      'second-factors.reset',
      'personal-access-token.create',
      'personal-access-token.revoke',
    ] as const;
    const subjects = changes.map(
      (change) =>
        renderTemplate('accountChanged', { ...variables.accountChanged, change }, { language, sender: 'S' })
          .subject,
    );
    expect(new Set(subjects).size).toBe(changes.length);
    expect(subjects.join()).not.toMatch(/undefined/);
  },
);
