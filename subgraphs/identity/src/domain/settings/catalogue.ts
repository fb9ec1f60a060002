/**
 * What people and organisations can set. It is data: what is stored is checked against it, what is read is filled up from
 * it, and a test compares it with the types `Preferences` and `OrganisationSettings` of schema.graphql.
 *
 * To add one, add it here and to those types and their inputs. A setting of the organisation is added together with the
 * rule that obeys it.
 */

/** One of some words. */
interface Choice {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly standard: string;
}

interface Switch {
  readonly kind: 'switch';
  readonly standard: boolean;
}

/** From `least` to `most`, both included. */
interface Amount {
  readonly kind: 'amount';
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly standard: number;
}

export type Entry = Choice | Switch | Amount;

export type Catalogue = Readonly<Record<string, Entry>>;

/**
 * What a frontend asks about how somebody likes it. A person changes their own (preference.update.own); an organisation
 * gives defaults, and settles those that it locks (organisation.settings.update). Language and time zone are the
 * profile's.
 */
export const preferenceCatalogue = {
  theme: { kind: 'choice', choices: ['SYSTEM', 'LIGHT', 'DARK'], standard: 'SYSTEM' },
  contrast: { kind: 'choice', choices: ['SYSTEM', 'STANDARD', 'HIGH'], standard: 'SYSTEM' },
  textSize: { kind: 'choice', choices: ['SMALL', 'MEDIUM', 'LARGE', 'EXTRA_LARGE'], standard: 'MEDIUM' },
  motion: { kind: 'choice', choices: ['SYSTEM', 'REDUCED', 'FULL'], standard: 'SYSTEM' },
  captions: { kind: 'switch', standard: false },
  // What moves or sounds without being asked harms some (WCAG 2.2, 1.4.2 and 2.2.2).
  autoplay: { kind: 'switch', standard: false },
  playbackSpeed: { kind: 'amount', least: 0.25, most: 3, whole: false, standard: 1 },
  keyboardShortcuts: { kind: 'switch', standard: true },
  firstDayOfWeek: { kind: 'choice', choices: ['MONDAY', 'SATURDAY', 'SUNDAY'], standard: 'MONDAY' },
  clock: { kind: 'choice', choices: ['HOURS_24', 'HOURS_12'], standard: 'HOURS_24' },
  startPage: { kind: 'choice', choices: ['DASHBOARD', 'COURSES', 'CALENDAR'], standard: 'DASHBOARD' },
} as const satisfies Catalogue;

/** What an organisation decides for all of its people. Its administrators change them (organisation.settings.update). */
export const settingsCatalogue = {
  /** OWASP ASVS 4.0.3, 2.1.1 asks for 12, NIST SP 800-63B for 8: the platform's least is 8. */
  minimumPasswordLength: { kind: 'amount', least: 8, most: 64, whole: true, standard: 8 },
  /** Days after which a session that was not used ends; never more than the platform's SESSION_DAYS. */
  sessionDays: { kind: 'amount', least: 1, most: 365, whole: true, standard: 365 },
  personalAccessTokens: { kind: 'switch', standard: true },
  ownNameEditable: { kind: 'switch', standard: true },
} as const satisfies Catalogue;

/** What a catalogue's names stand for. */
export type ValuesOf<Of extends Catalogue> = {
  readonly [Name in keyof Of]: Of[Name] extends Choice
    ? Of[Name]['choices'][number]
    : Of[Name] extends Switch
      ? boolean
      : number;
};

export type PreferenceValues = ValuesOf<typeof preferenceCatalogue>;
export type PreferenceName = keyof PreferenceValues;
export type SettingValues = ValuesOf<typeof settingsCatalogue>;

export const preferenceNames = Object.keys(preferenceCatalogue) as readonly PreferenceName[];
