import { z } from 'zod';
import { parseS3Url } from './s3-address.ts';

/** For a process that keeps bytes, or reads what is kept. */
export const s3Environment = {
  /** Where attachments and the files of jobs are kept, `https://key:secret@host/bucket`; in files under LYCEUM_DATA_DIR where it is not set. */
  S3_URL: z
    .string()
    .superRefine((text, context) => {
      try {
        parseS3Url(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      }
    })
    .optional(),
  /** The secret as it is, where the URL does not hold it. */
  S3_PASSWORD: z.string().optional(),
};
