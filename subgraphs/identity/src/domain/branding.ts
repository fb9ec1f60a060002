import { invalid } from '@lyceum/service';
import type { OrganisationSettings } from '../store/organisations.ts';
import { checkedEmail, checkedLocale, checkedName } from './checked-text.ts';
import { checkedTimeZone } from './profiles.ts';

/** What is absent stays as it is; null clears. */
export type SettingsChange = {
  readonly [Field in keyof OrganisationSettings]?: OrganisationSettings[Field] | null | undefined;
};

/** Each field only where it was given. @throws INVALID */
export function checkedSettings(input: SettingsChange): Partial<OrganisationSettings> {
  const checks: {
    [Field in keyof OrganisationSettings]: (
      field: string[],
      text: string | null,
    ) => OrganisationSettings[Field];
  } = {
    name: (field, name) => checkedName(field, name ?? ''),
    logoUrl: checkedPicture,
    faviconUrl: checkedPicture,
    primaryColour: checkedColour,
    accentColour: checkedColour,
    supportEmail: (field, email) => (email === null ? null : checkedEmail(field, email)),
    defaultLocale: checkedLocale,
    defaultTimeZone: checkedTimeZone,
  };
  const fields = (Object.keys(checks) as (keyof OrganisationSettings)[]).filter(
    (name) => input[name] !== undefined,
  );
  return Object.fromEntries(fields.map((name) => [name, checks[name](['input', name], input[name] ?? null)]));
}

/** Shown by browsers: nothing that runs, nor what a page over TLS does not load. @throws INVALID */
function checkedPicture(field: string[], url: string | null): string | null {
  if (url === null) return null;
  if (url.length <= 2_000 && URL.canParse(url) && new URL(url).protocol === 'https:') return url;
  throw invalid(field, 'It must be an https URL of at most 2,000 characters.');
}

/** What is pressed must stand out against a white page (WCAG 2.2, 1.4.11). */
const leastContrast = 3;

/** In upper case. @throws INVALID */
function checkedColour(field: string[], text: string | null): string | null {
  if (text === null) return null;
  const colour = text.trim().toUpperCase();
  if (!/^#[0-9A-F]{6}$/.test(colour)) throw invalid(field, 'A colour is written as #RRGGBB.');
  const contrast = contrastOf(colour, '#FFFFFF');
  if (contrast >= leastContrast) return colour;
  const told = (Math.floor(contrast * 100) / 100).toFixed(2);
  throw invalid(field, `The colour has a contrast of ${told}:1 against white; it needs ${leastContrast}:1.`);
}

/** Black or white: one of them always has 4.5:1 and more, which text needs (WCAG 2.2, 1.4.3). */
export function textColourOn(colour: string | null): string | null {
  if (colour === null) return null;
  return contrastOf(colour, '#FFFFFF') >= contrastOf(colour, '#000000') ? '#FFFFFF' : '#000000';
}

/** WCAG 2.2, contrast ratio: 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, relative luminance of sRGB. */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((place) => {
    const share = parseInt(colour.slice(place, place + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
