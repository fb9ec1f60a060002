/** The most fitting of the languages that there are, at least one. */
export type ChooseLanguage = (languages: readonly string[]) => string;

interface Range {
  readonly range: string;
  readonly quality: number;
}

/** More are no wish of a person. */
const mostRanges = 50;

/**
 * Chooses by an Accept-Language header (RFC 2616, 14.4), for each language map by itself (Communication 2.1.3). A range
 * fits the languages that it is the beginning of, as `en` does `en-US`, and the most exact range decides; where none fits
 * by that, `en-GB` takes `en` too. Languages that fit alike are taken in their order; `und` is the last resort but one.
 */
export function languageChooser(header = ''): ChooseLanguage {
  const ranges = header.split(',', mostRanges).flatMap(readRange);
  return (languages) => {
    const best = (quality: (language: string) => number) => {
      const rated = languages.map((language) => ({ language, quality: quality(language.toLowerCase()) }));
      return rated.reduce((one, other) => (other.quality > one.quality ? other : one));
    };
    const fitting = best((language) => qualityOf(language, ranges));
    if (fitting.quality > 0) return fitting.language;
    const wider = best((language) => qualityOfWider(language, ranges));
    if (wider.quality > 0) return wider.language;
    const refused = (language: string) =>
      ranges.some(({ range, quality }) => quality === 0 && isWithin(language.toLowerCase(), range));
    return (
      languages.find((language) => language === 'und') ??
      languages.find((language) => !refused(language)) ??
      languages[0] ??
      ''
    );
  };
}

function readRange(text: string): Range[] {
  const [, range = '', quality = '1'] =
    /^\s*(\*|[a-z\d]{1,8}(?:-[a-z\d]{1,8})*)\s*(?:;\s*q\s*=\s*(\d(?:\.\d{1,3})?)\s*)?$/i.exec(text) ?? [];
  return range === '' ? [] : [{ range: range.toLowerCase(), quality: Math.min(Number(quality), 1) }];
}

function isWithin(language: string, range: string): boolean {
  return language === range || language.startsWith(`${range}-`);
}

/** `*` is for what no other range names. */
function qualityOf(language: string, ranges: readonly Range[]): number {
  const [named] = ranges
    .filter(({ range }) => isWithin(language, range))
    .sort((one, other) => other.range.length - one.range.length);
  return (named ?? ranges.find(({ range }) => range === '*'))?.quality ?? 0;
}

function qualityOfWider(language: string, ranges: readonly Range[]): number {
  if (ranges.some(({ range, quality }) => range === language && quality === 0)) return 0;
  return Math.max(0, ...ranges.map(({ range, quality }) => (isWithin(range, language) ? quality : 0)));
}
