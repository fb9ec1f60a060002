import { X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  comparableStatement,
  isSameInstant,
  validateStatements,
  type Attachment,
  type Edition,
  type Statement,
} from '@lyceum/xapi';
import type { StagedAttachment } from '../attachments/attachment-store.ts';
import { placedAttachments } from './attachments-of.ts';
import type { InFlight } from './in-flight.ts';
import type { SentStatements } from './read-statements.ts';
import { refusals } from './xapi-error.ts';

/** The usage of an attachment that signs its statement (Data 2.6). */
const signatureUsage = 'http://adlnet.gov/expapi/attachments/signature';

const algorithms = ['RS256', 'RS384', 'RS512'];

/** A signature has its statement in it, in base64. More than the largest statement needs. */
const largestSignature = 6 * 2 ** 20;

/** A signature that is none; the reason is for the client. */
class SignatureError extends Error {
  override name = 'SignatureError';
}

/**
 * Holds the signatures of statements against Data 2.6: a JWS in compact form, by RSA, whose payload is the statement, and
 * which its own certificate verifies where it has one. Who signed is for readers to judge. What comes by fileUrl is not
 * looked at.
 *
 * @throws XapiError 400 which names the attachment
 */
export async function requireSignatures(
  { isArray, statements }: SentStatements,
  staged: readonly StagedAttachment[],
  { edition, inFlight }: { edition: Edition; inFlight: InFlight },
): Promise<void> {
  for (const [index, { statement }] of statements.entries()) {
    if (statement.attachments?.some(isSignature) !== true) continue;
    for (const { path, attachment } of placedAttachments(statement, isArray ? `[${String(index)}].` : '')) {
      if (!isSignature(attachment)) continue;
      try {
        await verify(attachment, statement, { staged, edition, inFlight });
      } catch (error) {
        if (!(error instanceof SignatureError)) throw error;
        throw refusals.invalid([{ path, reason: error.message, spec: 'Data 2.6' }]);
      }
    }
  }
}

export function isSignature({ usageType }: Attachment): boolean {
  return usageType === signatureUsage;
}

interface SignatureGround {
  readonly staged: readonly StagedAttachment[];
  readonly edition: Edition;
  readonly inFlight: InFlight;
}

async function verify(attachment: Attachment, statement: Statement, o: SignatureGround): Promise<void> {
  if (attachment.contentType !== 'application/octet-stream')
    throw new SignatureError('is a signature: its contentType must be application/octet-stream');
  const found = o.staged.find(({ sha2 }) => sha2 === attachment.sha2.toLowerCase());
  // By fileUrl it is with somebody else, and statements with one must be accepted (Communication 1.5.1).
  if (found === undefined) return;
  if (found.bytes > largestSignature)
    throw new SignatureError(`is a signature: the limit is ${String(largestSignature)} bytes`);
  // The text, what is decoded of it, and what is parsed.
  o.inFlight.reserve(found.bytes * 3);
  try {
    const payload = await payloadOf((await readFile(found.file)).toString('latin1'));
    requireSame(readPayload(payload, o.edition), statement, o.edition);
  } finally {
    o.inFlight.release(found.bytes * 3);
  }
}

/** @returns the payload of a JWS in compact form (RFC 7515, 7.1) */
async function payloadOf(jws: string): Promise<Uint8Array> {
  // It costs to load, and few statements are signed.
  const { base64url, compactVerify, decodeProtectedHeader, errors } = await import('jose');
  try {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jws)) throw new SignatureError('is no JWS in compact form');
    const { alg, crit, x5c } = decodeProtectedHeader(jws);
    if (alg === undefined || !algorithms.includes(alg))
      throw new SignatureError(`must be signed by one of ${algorithms.join(', ')}`);
    if (crit !== undefined) throw new SignatureError('has a header crit that nobody here understands');
    if (x5c === undefined) return base64url.decode(jws.split('.')[1] ?? '');
    return (await compactVerify(jws, keyOf(x5c), { algorithms })).payload;
  } catch (error) {
    if (error instanceof SignatureError) throw error;
    if (error instanceof errors.JWSSignatureVerificationFailed)
      throw new SignatureError('is not by the key of its own certificate (x5c)');
    throw new SignatureError(`is no JWS: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The first certificate is that of the signing key (RFC 7515, 4.1.6). */
function keyOf(x5c: readonly unknown[]): KeyObject {
  try {
    return new X509Certificate(Buffer.from(String(x5c[0]), 'base64')).publicKey;
  } catch {
    throw new SignatureError('has a header x5c that is no certificate');
  }
}

function readPayload(payload: Uint8Array, edition: Edition): Statement {
  let statement: unknown;
  try {
    statement = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new SignatureError('has a payload that is no JSON');
  }
  if (Array.isArray(statement)) throw new SignatureError('has a payload that is an array');
  const [fault] = validateStatements(statement, edition);
  if (fault !== undefined)
    throw new SignatureError(`has a payload that is no statement: ${fault.path} ${fault.reason}`);
  return statement as Statement;
}

/** What an LRS assigns may be missing in the one and there in the other; where both have it, it is the same. */
function requireSame(signed: Statement, sent: Statement, edition: Edition): void {
  const how = { edition, withAttachments: false };
  const isSame =
    comparableStatement(signed, how) === comparableStatement(sent, how) &&
    (!signed.id || !sent.id || signed.id.toLowerCase() === sent.id.toLowerCase()) &&
    (!signed.timestamp || !sent.timestamp || isSameInstant(signed.timestamp, sent.timestamp));
  if (!isSame) throw new SignatureError('signs another statement than this');
}
