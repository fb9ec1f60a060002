import { kindOf, object, text, type Check } from './checks.ts';
import { iri, languageMap } from './common-checks.ts';
import { isMediaType, isSha2 } from './formats.ts';

/** Attachments: Data 2.4.11. */

const spec = 'Data 2.4.11';

const length: Check = (value, walk) => {
  if (typeof value !== 'number') walk.fault(`must be a number of bytes, is ${kindOf(value)}`, spec);
  else if (!Number.isSafeInteger(value) || value < 0) walk.fault('must be a whole number of bytes', spec);
};

export const attachment = object({
  spec,
  properties: {
    usageType: iri(spec),
    display: languageMap,
    description: languageMap,
    contentType: text(spec, 'an Internet media type', isMediaType),
    length,
    sha2: text(spec, 'a SHA-2 digest in hexadecimal', isSha2),
    fileUrl: iri(spec),
  },
  required: ['usageType', 'display', 'contentType', 'length', 'sha2'],
});
