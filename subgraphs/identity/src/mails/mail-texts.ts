import type { MailContent, MailLink } from '@lyceum/mail';

/** What was done to how somebody logs in, by the name of the act. */
export type AccountChange =
  | 'passkey.create'
  | 'passkey.delete'
  | 'totp.enrol'
  | 'totp.remove'
  | 'recovery-code.use'
  | 'recovery-codes.renew'
  | 'second-factors.reset'
  | 'personal-access-token.create'
  | 'personal-access-token.revoke';

/** What each mail is told. Values come from people: the rendering keeps each of them within its line. */
export interface MailVariables {
  /** To an address that somebody registers with: nothing of what they entered, which could be anything. */
  verifyAddress: { organisation: string; url: string };
  /** To an address that somebody registers with, and that has an account there. */
  accountExists: { organisation: string; url: string };
  invitation: { organisation: string; inviter: string; url: string; days: number };
  passwordReset: { links: readonly MailLink[] };
  passwordChanged: { name: string; organisation: string; url: string; when: string; where: string };
  accountChanged: {
    name: string;
    organisation: string;
    change: AccountChange;
    when: string;
    where: string;
  };
  /** To the new address. */
  addressChange: { url: string };
  /** To the new address, where another account has it. */
  addressInUse: object;
  /** To the old address. The link is there where it has to agree. */
  addressChangeAsked: { name: string; url: string | undefined };
  /** To the old address. */
  addressChanged: { name: string };
  personalDataReady: { name: string; organisation: string; url: string; days: number };
  /** To an address that is forgotten with this mail. */
  personErased: { organisation: string };
}

export type MailTemplate = keyof MailVariables;

/** A mail without the name of whom it comes from. */
export type MailBody = Omit<MailContent, 'signature'>;

/** One language. */
export type MailTexts = { readonly [T in MailTemplate]: (variables: MailVariables[T]) => MailBody };
