import type { AccountChange, MailTexts } from './mail-texts.ts';

const ignore = 'If this was not you, do nothing: without the link, nothing happens.';

const changes: Readonly<Record<AccountChange, string>> = {
  'passkey.create': 'A passkey was added to your account',
  'passkey.delete': 'A passkey of your account was removed',
  'totp.enrol': 'An authenticator app was set up for your account',
  'totp.remove': 'The authenticator app of your account was removed',
  'recovery-code.use': 'A recovery code of your account was used',
  'recovery-codes.renew': 'New recovery codes were made for your account, and the old ones ended',
  'second-factors.reset': 'All second factors of your account were removed',
  'personal-access-token.create': 'A personal access token was made in your name',
  'personal-access-token.revoke': 'A personal access token of yours was ended',
};

export const en: MailTexts = {
  verifyAddress: ({ organisation, url }) => ({
    subject: `Confirm your address for ${organisation}`,
    greeting: 'Hello,',
    paragraphs: [
      `Somebody, hopefully you, registered at ${organisation} with this address.`,
      'Open the link and enter the password that you chose, and you can begin. It works for 24 hours.',
    ],
    links: [{ label: 'Confirm my address', url }],
    closing: [ignore],
  }),

  accountExists: ({ organisation, url }) => ({
    subject: `You already have an account at ${organisation}`,
    greeting: 'Hello,',
    paragraphs: [
      `Somebody, hopefully you, tried to register at ${organisation} with this address, which is known there already.`,
      'Log in as usual. If you have forgotten your password, ask for a new one there; if you were taken out, ask an administrator.',
    ],
    links: [{ label: 'To the log-in', url }],
    closing: ['If this was not you, you need not do anything.'],
  }),

  invitation: ({ organisation, inviter, url, days }) => ({
    subject: `${organisation} invites you`,
    greeting: 'Hello,',
    paragraphs: [
      `${inviter} invites you to join ${organisation}.`,
      `Open the link to accept, and choose a password. It works for ${days} days.`,
    ],
    links: [{ label: 'Accept the invitation', url }],
    closing: ['If you do not know why, ignore this mail.'],
  }),

  passwordReset: ({ links }) => ({
    subject: 'A new password',
    greeting: 'Hello,',
    paragraphs: [
      'Somebody, hopefully you, asked for a new password for this address.',
      'Choose it through the link of the organisation. It works for one hour, once.',
    ],
    links,
    closing: [ignore],
  }),

  passwordChanged: ({ name, organisation, url, when, where }) => ({
    subject: `Your password at ${organisation} was changed`,
    greeting: `Hello ${name},`,
    paragraphs: [
      `Your password at ${organisation} has just been changed, and your other sessions there have ended.`,
      `When: ${when}. From: ${where}.`,
      'If this was not you, ask for a new password at once, and tell an administrator.',
    ],
    links: [{ label: 'Ask for a new password', url }],
  }),

  accountChanged: ({ name, organisation, change, when, where }) => ({
    subject: `${changes[change]} at ${organisation}`,
    greeting: `Hello ${name},`,
    paragraphs: [
      `${changes[change]} at ${organisation}.`,
      `When: ${when}. From: ${where}.`,
      'If this was not you, change your password at once, log out everywhere, and tell an administrator.',
    ],
  }),

  addressChange: ({ url }) => ({
    subject: 'Confirm your new address',
    greeting: 'Hello,',
    paragraphs: [
      'Somebody, hopefully you, wants to log in with this address from now on.',
      'Open the link to confirm it. It works for 24 hours.',
    ],
    links: [{ label: 'Use this address', url }],
    closing: [ignore],
  }),

  addressInUse: () => ({
    subject: 'This address has an account of its own',
    greeting: 'Hello,',
    paragraphs: [
      'Somebody, hopefully you, wanted to use this address for their account. It belongs to another account already, so nothing was changed.',
      'If this was not you, you need not do anything.',
    ],
  }),

  addressChangeAsked: ({ name, url }) => ({
    subject: 'Your address is to be changed',
    greeting: `Hello ${name},`,
    paragraphs: [
      'Somebody, hopefully you, asked to log in with another address from now on.',
      url === undefined
        ? 'If this was not you, change your password at once.'
        : 'Your account belongs to several organisations. For your safety, agree here as well: nothing is changed before you do. The link works for 24 hours.',
    ],
    links: url === undefined ? [] : [{ label: 'I agree', url }],
    closing:
      url === undefined ? [] : ['If this was not you, do not open the link, and change your password.'],
  }),

  addressChanged: ({ name }) => ({
    subject: 'Your address was changed',
    greeting: `Hello ${name},`,
    paragraphs: [
      'From now on you log in with your new address, and no longer with this one.',
      'If this was not you, tell an administrator at once.',
    ],
  }),

  personalDataReady: ({ name, organisation, url, days }) => ({
    subject: `Your data from ${organisation} is ready`,
    greeting: `Hello ${name},`,
    paragraphs: [
      `You asked for what ${organisation} holds of you. It is ready as an archive.`,
      `Log in and fetch it within ${days} days; after that it is deleted.`,
    ],
    links: [{ label: 'To my data', url }],
    closing: ['If this was not you, change your password at once, and tell an administrator.'],
  }),

  personErased: ({ organisation }) => ({
    subject: `${organisation} has erased what it held of you`,
    greeting: 'Hello,',
    paragraphs: [
      `Your account at ${organisation} no longer exists, and what was known of you there was erased.`,
      'What the law or others need, such as results and the record of what was done to accounts, stays without your name or address. This address was forgotten with this mail.',
    ],
    closing: ['If you did not expect this, ask the organisation.'],
  }),
};
