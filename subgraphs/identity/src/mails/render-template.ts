import { renderMail, type RenderedMail } from '@lyceum/mail';
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { MailTemplate, MailTexts, MailVariables } from './mail-texts.ts';

/** Every language that mails are written in. */
export const mailLanguages: Readonly<Record<string, MailTexts>> = { en, fr, de };

/** The language of a locale (BCP 47), such as `fr` of `fr-CA`; English where mails do not speak it. */
export function mailLanguage(locale: string | null | undefined): string {
  const language = locale?.split(/[-_]/)[0]?.toLowerCase() ?? '';
  return Object.hasOwn(mailLanguages, language) ? language : 'en';
}

/** A mail in a language; `sender` is from whom it comes, such as the organisation's name. */
export function renderTemplate<T extends MailTemplate>(
  template: T,
  variables: MailVariables[T],
  { language, sender }: { language: string; sender: string },
): RenderedMail {
  const texts = mailLanguages[language] ?? en;
  return renderMail({ ...texts[template](variables), signature: sender }, language);
}
