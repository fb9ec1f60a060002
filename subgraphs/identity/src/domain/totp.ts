import { Secret, TOTP } from 'otpauth';

/** As every authenticator app knows it, and what a QR code that says nothing else means (RFC 6238, RFC 4226). */
const parameters = { algorithm: 'SHA1', digits: 6, period: 30 };

/** A clock may be half a minute wrong, and people are slow: one step each way (RFC 6238, 5.2). */
const window = 1;

/** What is shown to the person: as a QR code, or to be typed in. */
export interface TotpEnrolment {
  /** `otpauth://totp/…`, https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
  readonly uri: string;
  /** Base32. */
  readonly secret: string;
}

/** 160 random bits (RFC 4226, 4: R6), base32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** `issuer` and `label` are what the app shows beside the codes. */
export function totpEnrolment(secret: string, issuer: string, label: string): TotpEnrolment {
  return { uri: new TOTP({ ...parameters, issuer, label, secret }).toString(), secret };
}

/** The time step of a code; undefined where it is no code of the secret's now. */
export function totpStep(secret: string, code: string, timestamp = Date.now()): number | undefined {
  const token = code.replace(/\s/g, '');
  if (!/^[0-9]{6}$/.test(token)) return undefined;
  const delta = new TOTP({ ...parameters, secret }).validate({ token, timestamp, window });
  return delta === null ? undefined : TOTP.counter({ period: parameters.period, timestamp }) + delta;
}
