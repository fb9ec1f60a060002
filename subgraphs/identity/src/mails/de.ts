import type { AccountChange, MailTexts } from './mail-texts.ts';

const ignore = 'Waren Sie das nicht, tun Sie nichts: Ohne den Link geschieht nichts.';

const changes: Readonly<Record<AccountChange, string>> = {
  'passkey.create': 'Ein Passkey wurde zu Ihrem Konto hinzugefügt',
  'passkey.delete': 'Ein Passkey Ihres Kontos wurde entfernt',
  'totp.enrol': 'Eine Authentifizierungs-App wurde für Ihr Konto eingerichtet',
  'totp.remove': 'Die Authentifizierungs-App Ihres Kontos wurde entfernt',
  'recovery-code.use': 'Ein Wiederherstellungscode Ihres Kontos wurde benutzt',
  'recovery-codes.renew':
    'Neue Wiederherstellungscodes wurden für Ihr Konto erzeugt, die alten gelten nicht mehr',
  'second-factors.reset': 'Alle zweiten Faktoren Ihres Kontos wurden entfernt',
  'personal-access-token.create': 'Ein persönliches Zugriffstoken wurde in Ihrem Namen erstellt',
  'personal-access-token.revoke': 'Eines Ihrer persönlichen Zugriffstoken wurde beendet',
};

export const de: MailTexts = {
  verifyAddress: ({ organisation, url }) => ({
    subject: `Bestätigen Sie Ihre Adresse für ${organisation}`,
    greeting: 'Guten Tag,',
    paragraphs: [
      `jemand, hoffentlich Sie, hat sich mit dieser Adresse bei ${organisation} registriert.`,
      'Öffnen Sie den Link und geben Sie das Passwort ein, das Sie gewählt haben; dann kann es losgehen. Er gilt 24 Stunden.',
    ],
    links: [{ label: 'Adresse bestätigen', url }],
    closing: [ignore],
  }),

  accountExists: ({ organisation, url }) => ({
    subject: `Sie haben schon ein Konto bei ${organisation}`,
    greeting: 'Guten Tag,',
    paragraphs: [
      `jemand, hoffentlich Sie, wollte sich mit dieser Adresse bei ${organisation} registrieren; dort ist sie schon bekannt.`,
      'Melden Sie sich an wie sonst. Haben Sie Ihr Passwort vergessen, fordern Sie dort ein neues an; wurden Sie aus der Organisation genommen, fragen Sie die Verwaltung.',
    ],
    links: [{ label: 'Zur Anmeldung', url }],
    closing: ['Waren Sie das nicht, brauchen Sie nichts zu tun.'],
  }),

  invitation: ({ organisation, inviter, url, days }) => ({
    subject: `${organisation} lädt Sie ein`,
    greeting: 'Guten Tag,',
    paragraphs: [
      `${inviter} lädt Sie ein, bei ${organisation} mitzumachen.`,
      `Öffnen Sie den Link, um anzunehmen, und wählen Sie ein Passwort. Er gilt ${days} Tage.`,
    ],
    links: [{ label: 'Einladung annehmen', url }],
    closing: ['Wissen Sie nicht, worum es geht, lassen Sie diese Nachricht auf sich beruhen.'],
  }),

  passwordReset: ({ links }) => ({
    subject: 'Ein neues Passwort',
    greeting: 'Guten Tag,',
    paragraphs: [
      'jemand, hoffentlich Sie, hat für diese Adresse ein neues Passwort angefordert.',
      'Wählen Sie es über den Link der Organisation. Er gilt eine Stunde, einmal.',
    ],
    links,
    closing: [ignore],
  }),

  passwordChanged: ({ name, organisation, url, when, where }) => ({
    subject: `Ihr Passwort bei ${organisation} wurde geändert`,
    greeting: `Guten Tag ${name},`,
    paragraphs: [
      `Ihr Passwort bei ${organisation} wurde gerade geändert, Ihre anderen Sitzungen dort sind beendet.`,
      `Wann: ${when}. Von: ${where}.`,
      'Waren Sie das nicht, fordern Sie sofort ein neues Passwort an und sagen Sie der Verwaltung Bescheid.',
    ],
    links: [{ label: 'Neues Passwort anfordern', url }],
  }),

  accountChanged: ({ name, organisation, change, when, where }) => ({
    subject: `${organisation}: ${changes[change]}`,
    greeting: `Guten Tag ${name},`,
    paragraphs: [
      `${changes[change]} (${organisation}).`,
      `Wann: ${when}. Von: ${where}.`,
      'Waren Sie das nicht, ändern Sie sofort Ihr Passwort, melden Sie sich überall ab und sagen Sie der Verwaltung Bescheid.',
    ],
  }),

  addressChange: ({ url }) => ({
    subject: 'Bestätigen Sie Ihre neue Adresse',
    greeting: 'Guten Tag,',
    paragraphs: [
      'jemand, hoffentlich Sie, will sich künftig mit dieser Adresse anmelden.',
      'Öffnen Sie den Link, um sie zu bestätigen. Er gilt 24 Stunden.',
    ],
    links: [{ label: 'Diese Adresse verwenden', url }],
    closing: [ignore],
  }),

  addressInUse: () => ({
    subject: 'Diese Adresse hat schon ein eigenes Konto',
    greeting: 'Guten Tag,',
    paragraphs: [
      'jemand, hoffentlich Sie, wollte diese Adresse für sein Konto verwenden. Sie gehört schon zu einem anderen Konto, darum wurde nichts geändert.',
      'Waren Sie das nicht, brauchen Sie nichts zu tun.',
    ],
  }),

  addressChangeAsked: ({ name, url }) => ({
    subject: 'Ihre Adresse soll geändert werden',
    greeting: `Guten Tag ${name},`,
    paragraphs: [
      'jemand, hoffentlich Sie, will sich künftig mit einer anderen Adresse anmelden.',
      url === undefined
        ? 'Waren Sie das nicht, ändern Sie sofort Ihr Passwort.'
        : 'Ihr Konto gehört zu mehreren Organisationen. Stimmen Sie zu Ihrer Sicherheit auch hier zu: Vorher wird nichts geändert. Der Link gilt 24 Stunden.',
    ],
    links: url === undefined ? [] : [{ label: 'Ich stimme zu', url }],
    closing:
      url === undefined
        ? []
        : ['Waren Sie das nicht, öffnen Sie den Link nicht und ändern Sie Ihr Passwort.'],
  }),

  addressChanged: ({ name }) => ({
    subject: 'Ihre Adresse wurde geändert',
    greeting: `Guten Tag ${name},`,
    paragraphs: [
      'ab jetzt melden Sie sich mit Ihrer neuen Adresse an und nicht mehr mit dieser.',
      'Waren Sie das nicht, sagen Sie sofort der Verwaltung Bescheid.',
    ],
  }),

  personalDataReady: ({ name, organisation, url, days }) => ({
    subject: `Ihre Daten von ${organisation} liegen bereit`,
    greeting: `Guten Tag ${name},`,
    paragraphs: [
      `Sie haben angefordert, was ${organisation} über Sie gespeichert hat. Es liegt als Archiv bereit.`,
      `Melden Sie sich an und holen Sie es innerhalb von ${days} Tagen ab; danach wird es gelöscht.`,
    ],
    links: [{ label: 'Zu meinen Daten', url }],
    closing: ['Waren Sie das nicht, ändern Sie sofort Ihr Passwort und sagen Sie der Verwaltung Bescheid.'],
  }),

  personErased: ({ organisation }) => ({
    subject: `${organisation} hat gelöscht, was es über Sie wusste`,
    greeting: 'Guten Tag,',
    paragraphs: [
      `Ihr Konto bei ${organisation} gibt es nicht mehr, und was dort über Sie bekannt war, wurde gelöscht.`,
      'Was das Gesetz oder andere brauchen, etwa Ergebnisse und das Protokoll der Änderungen an Konten, bleibt ohne Ihren Namen und Ihre Adresse erhalten. Diese Adresse wurde mit dieser Nachricht vergessen.',
    ],
    closing: ['Haben Sie das nicht erwartet, fragen Sie die Organisation.'],
  }),
};
