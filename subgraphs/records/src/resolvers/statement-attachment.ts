import { textIn } from '../domain/definitions.ts';
import type { StatementAttachmentResolvers } from '../generated/resolver-types.ts';
import { finite } from './statement-result.ts';

export const StatementAttachment: StatementAttachmentResolvers = {
  display: ({ display }, { language }) => textIn(display, language),

  description: ({ description }, { language }) => textIn(description, language),

  length: ({ length }) => finite(length),
};
