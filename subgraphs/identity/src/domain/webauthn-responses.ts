import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

/** A public key of the largest kind has some thousand characters; nothing here needs many. */
const bytes = z
  .string()
  .max(16_384)
  .regex(/^[\w-]+$/);

const credential = {
  id: bytes,
  rawId: bytes,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish().transform(absentIfNull),
  clientExtensionResults: z.looseObject({}).default({}),
};

const registration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(z.string().max(32)).max(16).default([]),
  }),
});

const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: bytes.nullish().transform(absentIfNull),
  }),
});

const clientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() });

/** What `credential.toJSON()` gave after `navigator.credentials.create`; undefined where it is something else. */
export function registrationOf(response: unknown): RegistrationResponseJSON | undefined {
  return registration.safeParse(response).data as RegistrationResponseJSON | undefined;
}

/** What `credential.toJSON()` gave after `navigator.credentials.get`; undefined where it is something else. */
export function assertionOf(response: unknown): AuthenticationResponseJSON | undefined {
  return assertion.safeParse(response).data as AuthenticationResponseJSON | undefined;
}

/** What the browser says that was signed, unverified: by the challenge, what it answers is found. */
export function clientDataOf({ response }: { response: { clientDataJSON: string } }) {
  try {
    const text = Buffer.from(response.clientDataJSON, 'base64url').toString('utf8');
    return clientData.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function absentIfNull<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}
