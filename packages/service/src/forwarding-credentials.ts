import { createEncryption } from './encryption.ts';

/** The forwarding that a credential is for. */
export interface CredentialPlace {
  readonly organisationId: string;
  readonly id: string;
  readonly endpoint: string;
}

/** Secrets of other stores to which statements are forwarded: sealed by records, opened by it and by the LRS. */
export interface ForwardingCredentials {
  seal(place: CredentialPlace, secret: string): string;
  /** @throws Error where it was sealed for another forwarding or another host, or with another KEY_ENCRYPTION_SECRET */
  open(place: CredentialPlace & { readonly secret: string }): Promise<string>;
}

/** The keys are no other's, though the secret that they are stretched from is identity's too. */
const purpose = 'lyceum.statement-forwarding.v1';

/** @param secret KEY_ENCRYPTION_SECRET */
export async function createForwardingCredentials(secret: string): Promise<ForwardingCredentials> {
  const encryption = await createEncryption(secret, purpose);
  return {
    seal: (place, text) => encryption.seal(text, contextOf(place)),
    open: (place) => encryption.open(place.secret, contextOf(place)),
  };
}

/** What is given for one host never goes to another, whoever changes the rows. */
const contextOf = ({ organisationId, id, endpoint }: CredentialPlace): string =>
  `statement-forwarding ${organisationId} ${id} ${new URL(endpoint).origin}`;
