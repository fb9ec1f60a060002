/** The value of a Content-Type header, as far as it is asked for here (RFC 9110, 8.3.1). */
export interface MediaType {
  /** Type and subtype in lower case, without parameters; empty where there is none. */
  readonly essence: string;
  /** Of a multipart body, if it says one that RFC 2046 (5.1.1) allows. */
  readonly boundary: string | undefined;
}

const boundaryParameter = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i;
const allowedBoundary = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/;

export function readMediaType(header = ''): MediaType {
  const [, quoted, plain] = boundaryParameter.exec(header) ?? [];
  const boundary = quoted ?? plain ?? '';
  return { essence: essenceOf(header), boundary: allowedBoundary.test(boundary) ? boundary : undefined };
}

export function essenceOf(mediaType: string): string {
  return (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
