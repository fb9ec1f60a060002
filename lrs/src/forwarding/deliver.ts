import { sendableStatement } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import type { MultipartAnswers } from '../receive/multipart-answer.ts';
import type { Target, TargetBody } from './target.ts';

/** A statement that the other store does not take. */
export interface Refusal {
  readonly statementId: string;
  readonly status: number;
  readonly reason: string;
  readonly refusedAt: Date;
}

export interface Delivered {
  readonly sent: number;
  readonly refusals: readonly Refusal[];
}

export interface DeliveryOptions {
  readonly target: Target;
  readonly organisationId: string;
  /** Makes requests with the bytes of attachments; absent where these do not go along. */
  readonly multipart: Pick<MultipartAnswers, 'attach'> | undefined;
  /** Before each request: rejects where nothing may be sent any more. */
  readonly beforeEach: () => Promise<void>;
}

/**
 * Brings statements to the other store in their order. Of a request that it refuses for what is in it, halves are sent until
 * the guilty are found: it takes all of a request or nothing (Communication 2.1.2). What came through before a failure is
 * sent again with the next try, and is there by its id.
 *
 * @throws TargetError
 */
export async function deliver(o: DeliveryOptions, statements: readonly FoundStatement[]): Promise<Delivered> {
  let delivered: Delivered = { sent: 0, refusals: [] };
  for (const group of groupsOf(statements, o.multipart !== undefined)) {
    delivered = sum(delivered, await deliverGroup(o, group));
  }
  return delivered;
}

async function deliverGroup(o: DeliveryOptions, group: readonly FoundStatement[]): Promise<Delivered> {
  await o.beforeEach();
  const refusal = await o.target.post(await bodyOf(o, group));
  if (refusal === null) return { sent: group.length, refusals: [] };
  const [first] = group;
  // A version that it does not speak is refused in each request, and is no fault of the statements.
  await o.target.checkVersion();
  if (group.length === 1 && first !== undefined) {
    return { sent: 0, refusals: [{ statementId: first.id, ...refusal, refusedAt: new Date() }] };
  }
  const half = group.length >> 1;
  const before = await deliverGroup(o, group.slice(0, half));
  return sum(before, await deliverGroup(o, group.slice(half)));
}

const sum = (one: Delivered, other: Delivered): Delivered => ({
  sent: one.sent + other.sent,
  refusals: [...one.refusals, ...other.refusals],
});

const hasAttachments = ({ text }: FoundStatement) => text.includes('"attachments"');

/** A statement that brings attachments goes alone: a request of many could have gigabytes. */
function groupsOf(statements: readonly FoundStatement[], bytes: boolean): FoundStatement[][] {
  const groups: FoundStatement[][] = [];
  let isOpen = false;
  for (const each of statements) {
    const isAlone = bytes && hasAttachments(each);
    if (isOpen && !isAlone) groups.at(-1)?.push(each);
    else groups.push([each]);
    isOpen = !isAlone;
  }
  return groups;
}

async function bodyOf(o: DeliveryOptions, group: readonly FoundStatement[]): Promise<TargetBody> {
  const texts = group.map(({ text }) => sendableStatement(text, { bytes: o.multipart !== undefined }));
  const json = `[${texts.join(',')}]`;
  if (o.multipart === undefined || !group.some(hasAttachments)) {
    return { contentType: 'application/json', body: Buffer.from(json) };
  }
  const answer = await o.multipart.attach({ status: 200, body: json }, texts, o.organisationId);
  return {
    contentType: answer.headers?.['content-type'] ?? '',
    body: answer.body as AsyncIterable<Uint8Array>,
  };
}
