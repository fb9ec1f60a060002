import type { AccountChange, MailTexts } from './mail-texts.ts';

const ignore = 'Si ce n’était pas vous, ne faites rien : sans le lien, rien ne se passe.';

const changes: Readonly<Record<AccountChange, string>> = {
  'passkey.create': 'Une clé d’accès a été ajoutée à votre compte',
  'passkey.delete': 'Une clé d’accès de votre compte a été supprimée',
  'totp.enrol': 'Une application d’authentification a été configurée pour votre compte',
  'totp.remove': 'L’application d’authentification de votre compte a été supprimée',
  'recovery-code.use': 'Un code de récupération de votre compte a été utilisé',
  'recovery-codes.renew':
    'De nouveaux codes de récupération ont été créés pour votre compte ; les anciens ne valent plus',
  'second-factors.reset': 'Tous les seconds facteurs de votre compte ont été supprimés',
  'personal-access-token.create': 'Un jeton d’accès personnel a été créé en votre nom',
  'personal-access-token.revoke': 'Un de vos jetons d’accès personnels a pris fin',
};

export const fr: MailTexts = {
  verifyAddress: ({ organisation, url }) => ({
    subject: `Confirmez votre adresse pour ${organisation}`,
    greeting: 'Bonjour,',
    paragraphs: [
      `Quelqu’un, vous sans doute, s’est inscrit à ${organisation} avec cette adresse.`,
      'Ouvrez le lien et saisissez le mot de passe que vous avez choisi : vous pourrez commencer. Il est valable 24 heures.',
    ],
    links: [{ label: 'Confirmer mon adresse', url }],
    closing: [ignore],
  }),

  accountExists: ({ organisation, url }) => ({
    subject: `Vous avez déjà un compte à ${organisation}`,
    greeting: 'Bonjour,',
    paragraphs: [
      `Quelqu’un, vous sans doute, a voulu s’inscrire à ${organisation} avec cette adresse, qui y est déjà connue.`,
      'Connectez-vous comme d’habitude. Mot de passe oublié ? Demandez-en un nouveau. Si votre accès a été retiré, adressez-vous à l’administration.',
    ],
    links: [{ label: 'Se connecter', url }],
    closing: ['Si ce n’était pas vous, vous n’avez rien à faire.'],
  }),

  invitation: ({ organisation, inviter, url, days }) => ({
    subject: `${organisation} vous invite`,
    greeting: 'Bonjour,',
    paragraphs: [
      `${inviter} vous invite à rejoindre ${organisation}.`,
      `Ouvrez le lien pour accepter, et choisissez un mot de passe. Il est valable ${days} jours.`,
    ],
    links: [{ label: 'Accepter l’invitation', url }],
    closing: ['Si vous ne savez pas de quoi il s’agit, ignorez ce message.'],
  }),

  passwordReset: ({ links }) => ({
    subject: 'Un nouveau mot de passe',
    greeting: 'Bonjour,',
    paragraphs: [
      'Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour cette adresse.',
      'Choisissez-le par le lien de l’organisation. Il est valable une heure, une seule fois.',
    ],
    links,
    closing: [ignore],
  }),

  passwordChanged: ({ name, organisation, url, when, where }) => ({
    subject: `Votre mot de passe à ${organisation} a été changé`,
    greeting: `Bonjour ${name},`,
    paragraphs: [
      `Votre mot de passe à ${organisation} vient d’être changé ; vos autres sessions y sont terminées.`,
      `Quand : ${when}. Depuis : ${where}.`,
      'Si ce n’était pas vous, demandez tout de suite un nouveau mot de passe et prévenez l’administration.',
    ],
    links: [{ label: 'Demander un nouveau mot de passe', url }],
  }),

  accountChanged: ({ name, organisation, change, when, where }) => ({
    subject: `${organisation} : ${changes[change]}`,
    greeting: `Bonjour ${name},`,
    paragraphs: [
      `${changes[change]} (${organisation}).`,
      `Quand : ${when}. Depuis : ${where}.`,
      'Si ce n’était pas vous, changez tout de suite votre mot de passe, déconnectez-vous partout et prévenez l’administration.',
    ],
  }),

  addressChange: ({ url }) => ({
    subject: 'Confirmez votre nouvelle adresse',
    greeting: 'Bonjour,',
    paragraphs: [
      'Quelqu’un, vous sans doute, veut désormais se connecter avec cette adresse.',
      'Ouvrez le lien pour la confirmer. Il est valable 24 heures.',
    ],
    links: [{ label: 'Utiliser cette adresse', url }],
    closing: [ignore],
  }),

  addressInUse: () => ({
    subject: 'Cette adresse a déjà son propre compte',
    greeting: 'Bonjour,',
    paragraphs: [
      'Quelqu’un, vous sans doute, a voulu utiliser cette adresse pour son compte. Elle appartient déjà à un autre compte : rien n’a été changé.',
      'Si ce n’était pas vous, vous n’avez rien à faire.',
    ],
  }),

  addressChangeAsked: ({ name, url }) => ({
    subject: 'Votre adresse doit être changée',
    greeting: `Bonjour ${name},`,
    paragraphs: [
      'Quelqu’un, vous sans doute, a demandé à se connecter désormais avec une autre adresse.',
      url === undefined
        ? 'Si ce n’était pas vous, changez tout de suite votre mot de passe.'
        : 'Votre compte appartient à plusieurs organisations. Pour votre sécurité, donnez aussi votre accord ici : rien ne change sans lui. Le lien est valable 24 heures.',
    ],
    links: url === undefined ? [] : [{ label: 'Je suis d’accord', url }],
    closing:
      url === undefined
        ? []
        : ['Si ce n’était pas vous, n’ouvrez pas le lien et changez votre mot de passe.'],
  }),

  addressChanged: ({ name }) => ({
    subject: 'Votre adresse a été changée',
    greeting: `Bonjour ${name},`,
    paragraphs: [
      'Désormais vous vous connectez avec votre nouvelle adresse, et non plus avec celle-ci.',
      'Si ce n’était pas vous, prévenez tout de suite l’administration.',
    ],
  }),

  personalDataReady: ({ name, organisation, url, days }) => ({
    subject: `Vos données de ${organisation} sont prêtes`,
    greeting: `Bonjour ${name},`,
    paragraphs: [
      `Vous avez demandé ce que ${organisation} sait de vous. Une archive est prête.`,
      `Connectez-vous et téléchargez-la d’ici ${days} jours ; ensuite, elle sera supprimée.`,
    ],
    links: [{ label: 'Vers mes données', url }],
    closing: [
      'Si ce n’était pas vous, changez tout de suite votre mot de passe et prévenez l’administration.',
    ],
  }),

  personErased: ({ organisation }) => ({
    subject: `${organisation} a effacé ce qu’elle savait de vous`,
    greeting: 'Bonjour,',
    paragraphs: [
      `Votre compte à ${organisation} n’existe plus, et ce qui y était connu de vous a été effacé.`,
      'Ce dont la loi ou d’autres ont besoin, comme les résultats et le journal des changements de comptes, reste sans votre nom ni votre adresse. Cette adresse a été oubliée avec ce message.',
    ],
    closing: ['Si vous ne vous y attendiez pas, adressez-vous à l’organisation.'],
  }),
};
