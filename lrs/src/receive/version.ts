import type { Edition } from '@lyceum/xapi';
import { refusals } from './xapi-error.ts';

/** The version that an answer carries: of the standard asked for, the latest (Communication 3.3). */
export const answeredVersion: Record<Edition, string> = { '1.0': '1.0.3', '2.0': '2.0.0' };

/** @throws XapiError 400 for a header that is missing or names what is not spoken here */
export function readVersion(header: string | string[] | undefined): Edition {
  if (header === undefined || header === '') throw refusals.noVersion();
  const version = String(header);
  if (version === '1.0' || /^1\.0\.\d{1,3}$/.test(version)) return '1.0';
  if (version === '2.0.0' || version === '2.0') return '2.0';
  throw refusals.unknownVersion(version.slice(0, 20));
}
