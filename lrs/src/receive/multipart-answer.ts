import { randomUUID } from 'node:crypto';
import type { Statement } from '@lyceum/xapi';
import type { AttachmentStore } from '../attachments/attachment-store.ts';
import type { Store } from '../store/store.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { attachmentsOf } from './attachments-of.ts';
import type { Answer } from './exchange.ts';

/** Answers to GET with attachments=true. */
export interface MultipartAnswers {
  /**
   * An answer of JSON as multipart/mixed (Communication 1.5.2): the JSON first, then each attachment of the statements
   * once, streamed. Left out are those that the store never had: they have a fileUrl.
   *
   * @param texts the statements that are in the answer, as JSON
   * @throws UnavailableError
   */
  attach(
    answer: Answer & { body: string },
    texts: readonly string[],
    organisationId: string,
  ): Promise<Answer>;
}

/** An attachment that is to be sent. */
interface Sent {
  readonly sha2: string;
  readonly contentType: string;
  readonly bytes: number;
}

export function createMultipartAnswers(o: {
  attachments: Pick<Store['attachments'], 'select'>;
  store: AttachmentStore;
}): MultipartAnswers {
  async function found(texts: readonly string[], organisationId: string): Promise<Sent[]> {
    const types = contentTypes(texts);
    if (types.size === 0) return [];
    const known = await o.attachments.select(organisationId, [...types.keys()]).catch((error: unknown) => {
      throw new UnavailableError('The database of attachments', error);
    });
    const bytes = new Map(known.map((each) => [each.sha2, each.bytes]));
    return [...types].flatMap(([sha2, contentType]) => {
      const size = bytes.get(sha2);
      return size === undefined ? [] : [{ sha2, contentType, bytes: size }];
    });
  }

  async function* streamOf(
    json: string,
    sent: readonly Sent[],
    { boundary, organisationId }: { boundary: string; organisationId: string },
  ): AsyncGenerator<Buffer> {
    yield Buffer.from(`--${boundary}\r\nContent-Type: application/json\r\n\r\n${json}`);
    for (const { sha2, contentType, bytes } of sent) {
      const stream = await o.store.selectOptional({ organisationId, sha2 });
      // Its statement was erased while this answer was on its way.
      if (stream === null) continue;
      yield Buffer.from(headOf({ boundary, sha2, contentType, bytes }));
      yield* stream as AsyncIterable<Buffer>;
    }
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }

  return {
    async attach({ body, ...answer }, texts, organisationId) {
      const sent = await found(texts, organisationId);
      // 122 random bits: in nobody's attachment but by design of who can foresee them.
      const boundary = randomUUID();
      return {
        ...answer,
        body: streamOf(body, sent, { boundary, organisationId }),
        headers: { ...answer.headers, 'content-type': `multipart/mixed; boundary=${boundary}` },
      };
    },
  };
}

/** Of each hash that the statements name, the type that the first of them gives it. */
function contentTypes(texts: readonly string[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const text of texts) {
    if (!text.includes('"attachments"')) continue;
    for (const { sha2, contentType } of attachmentsOf(JSON.parse(text) as Statement)) {
      const hash = sha2.toLowerCase();
      if (!types.has(hash)) types.set(hash, contentType);
    }
  }
  return types;
}

function headOf({ boundary, sha2, contentType, bytes }: Sent & { boundary: string }): string {
  return [
    `\r\n--${boundary}`,
    `Content-Type: ${contentType.replaceAll(/\p{Cc}/gu, ' ')}`,
    'Content-Transfer-Encoding: binary',
    `Content-Length: ${String(bytes)}`,
    `X-Experience-API-Hash: ${sha2}`,
    '\r\n',
  ].join('\r\n');
}
