import type { FormattedExecutionResult } from 'graphql';
import { textOfData } from './lazy-data.ts';

/** A result as JSON, errors first (https://spec.graphql.org/October2021/#sec-Response-Format, "it may be helpful"). */
export function resultText({ errors, data, extensions, ...others }: FormattedExecutionResult): string {
  const text = data ? textOfData(data) : undefined;
  if (text === undefined) return JSON.stringify({ errors, data, extensions, ...others });
  const before = errors ? `"errors":${JSON.stringify(errors)},` : '';
  const after = extensions ? `,"extensions":${JSON.stringify(extensions)}` : '';
  return `{${before}"data":${text}${after}}`;
}
