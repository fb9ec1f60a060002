import type { IncomingMessage } from 'node:http';
import { ClickHouseException } from '../exception.ts';
import { decodedBody } from './body.ts';
import { headerOf } from './request.ts';

const MAX_FORM_BYTES = 16 * 1024 * 1024;

/**
 * The fields of a multipart form, by which clients send parameters that are too long for a URL; undefined: no form.
 * Source: RFC 7578.
 *
 * @throws ClickHouseException NOT_IMPLEMENTED for a file (an external table)
 */
export async function readForm(message: IncomingMessage): Promise<Map<string, string> | undefined> {
  const type = headerOf(message, 'content-type') ?? '';
  const boundary = /^multipart\/form-data\s*;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  if (boundary === null) return undefined;
  const body = await readAll(message);
  const parts = body.split(`--${boundary[1] ?? boundary[2] ?? ''}`).slice(1, -1);
  return new Map(parts.map((part) => readField(part)));
}

async function readAll(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of decodedBody(message)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_FORM_BYTES)
      throw new ClickHouseException(223, 'QUERY_IS_TOO_LARGE', 'The form is longer than 16 MiB');
  }
  return Buffer.concat(chunks).toString();
}

// "\r\n<headers>\r\n\r\n<value>\r\n"
function readField(part: string): [string, string] {
  const headEnd = part.indexOf('\r\n\r\n');
  const disposition = part.slice(0, headEnd);
  const name = /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (headEnd === -1 || name === undefined)
    throw new ClickHouseException(36, 'BAD_ARGUMENTS', 'Malformed multipart form');
  if (/;\s*filename=/i.test(disposition)) {
    throw new ClickHouseException(
      48,
      'NOT_IMPLEMENTED',
      `External tables (the file ${name}) are not available here`,
    );
  }
  return [name, part.slice(headEnd + 4, part.endsWith('\r\n') ? -2 : undefined)];
}
