import { hashSync, verifySync } from '@node-rs/argon2';

// What a thread of password-threads.ts runs. Not TypeScript: it is started as the file that it is, from the bundle
// and from the tests alike.

export const hash = ({ password, parameters }) => hashSync(password, parameters);

export const verify = ({ passwordHash, password }) => verifySync(passwordHash, password);
