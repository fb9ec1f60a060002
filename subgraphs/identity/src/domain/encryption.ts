import { createEncryption as create, type Encryption } from '@lyceum/service';

export type { Encryption };

/** What identity seals: signing keys, secrets of authenticator apps and of providers. */
export const createEncryption = (secret: string): Promise<Encryption> => create(secret, 'lyceum.identity.v2');
