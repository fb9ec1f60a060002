import type { JobFiles } from '../jobs/job-files.ts';
import type { Store } from '../store/store.ts';
import type { Credential } from './credentials.ts';
import type { Answer, Exchange } from './exchange.ts';
import { requireStoreFile } from './scopes.ts';
import { refusals } from './xapi-error.ts';

/** A resource for people with an access token, beside those of xAPI. */
export interface StoreFileResource {
  readonly get: (exchange: Exchange & { readonly credential: Credential }) => Promise<Answer>;
}

/** Part of a file (RFC 9110, 14.1.2): one range, in bytes. */
interface Range {
  readonly first: number;
  readonly length: number;
}

/**
 * `GET /xapi/store/export?job=...`: the file of an export, as a stream of its parts, for whoever may export. A download that
 * broke off goes on by Range.
 */
export function createStoreExport(o: {
  store: Pick<Store, 'storeJobs' | 'storeJobFiles'>;
  files: JobFiles;
}): StoreFileResource {
  return {
    async get({ request, parameters, credential }) {
      requireStoreFile(credential, 'export');
      const id = parameters.get('job') ?? '';
      const job = await o.store.storeJobs.selectOptional(id);
      if (job?.organisationId !== credential.organisationId || job.kind !== 'EXPORT')
        throw refusals.noJob(id);
      if (job.state !== 'DONE')
        throw refusals.jobState('There is no file: it is not ready yet, or its time is over.');
      const parts = await o.store.storeJobFiles.selectMany(id);
      const length = parts.reduce((sum, { bytes }) => sum + bytes, 0);
      const range = rangeOf(request.headers.range, length);
      return {
        status: range === undefined ? 200 : 206,
        body: o.files.read(id, parts, range?.first, range?.length),
        headers: {
          'content-type': 'application/gzip',
          'content-disposition': `attachment; filename="statements-${id}.jsonl.gz"`,
          'content-length': String(range?.length ?? length),
          'accept-ranges': 'bytes',
          'cache-control': 'no-store',
          ...(range && {
            'content-range': `bytes ${String(range.first)}-${lastOf(range)}/${String(length)}`,
          }),
        },
      };
    },
  };
}

const lastOf = ({ first, length }: Range) => String(first + length - 1);

/** Undefined where all is wanted; a header that is none of one range is no header. @throws XapiError 416 */
function rangeOf(header: string | undefined, length: number): Range | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (first >= length || last < first) throw refusals.range(length);
  return { first, length: last - first + 1 };
}
