import { join } from 'node:path';

/** Where mails lie that no server sends: `npm run mail` lists them. */
export const mailFolder = (dataDirectory: string): string => join(dataDirectory, 'mail');
