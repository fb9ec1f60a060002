import { refusals, type XapiError } from './xapi-error.ts';

/**
 * @param bad the refusal of a parameter, for a reason
 * @throws XapiError 400 for a parameter that is unknown, wrongly cased, or given twice (Communication 3.2)
 */
export function requireKnown(
  parameters: URLSearchParams,
  known: Iterable<string>,
  bad: (name: string, reason: string) => XapiError = refusals.parameter,
): void {
  const names = new Set(known);
  const seen = new Set<string>();
  for (const name of parameters.keys()) {
    if (!names.has(name)) throw bad(name, 'is unknown; case matters');
    if (seen.has(name)) throw bad(name, 'is given twice');
    seen.add(name);
  }
}
