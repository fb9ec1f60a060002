/** Where in which S3 attachments are, and with which key. */
export interface S3Address {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before each object's name; empty, or with a slash at its end. */
  readonly prefix: string;
  /** Undefined: as the AWS SDK finds them (its variables, the machine's role). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/**
 * Reads `https://key:secret@host/bucket/prefix?region=eu-central-1`. The region is us-east-1 where none is said, which
 * servers other than Amazon's mostly don't ask for.
 *
 * @throws RangeError that says what is wrong with it
 */
export function parseS3Url(text: string): S3Address {
  if (!URL.canParse(text)) throw new RangeError('must be a URL: https://key:secret@host/bucket');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new RangeError('must begin with https:// or http://');
  const [bucket = '', ...prefix] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  if (bucket === '') throw new RangeError('must name the bucket as its path: https://key:secret@host/bucket');
  return {
    endpoint: url.origin,
    region: url.searchParams.get('region') ?? 'us-east-1',
    bucket,
    prefix: prefix.map((each) => `${each}/`).join(''),
    credentials:
      url.username === ''
        ? undefined
        : {
            accessKeyId: decodeURIComponent(url.username),
            secretAccessKey: decodeURIComponent(url.password),
          },
  };
}
