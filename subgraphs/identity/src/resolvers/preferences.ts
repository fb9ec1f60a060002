import { preferenceNames, type PreferenceName } from '../domain/settings/catalogue.ts';
import type { Preference, PreferencesResolvers } from '../generated/resolver-types.ts';

export const Preferences: PreferencesResolvers = {
  locked: ({ locked }) => locked.map(enumValueOf),
};

/** The preference behind a value of the enum: `TEXT_SIZE` is `textSize`. */
export function preferenceOf(value: Preference): PreferenceName {
  const name = preferenceNames.find((each) => enumValueOf(each) === value);
  if (!name) throw new Error(`The catalogue of preferences has no ${value}, which schema.graphql has.`);
  return name;
}

/** `textSize` is `TEXT_SIZE` there. */
function enumValueOf(name: PreferenceName): Preference {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() as Preference;
}
