import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A key and a certificate that it signed itself, as a JWS header x5c has it: DER in base64. */
export interface SelfSigned {
  readonly privateKey: KeyObject;
  readonly x5c: readonly [string];
}

export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // RFC 5280, 4.1: sha256WithRSAEncryption, the name CN=tests, a hundred years.
  const algorithm = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));
  const name = sequence(
    tagged(0x31, sequence(Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from('tests')))),
  );
  const validity = sequence(
    tagged(0x17, Buffer.from('200101000000Z')),
    tagged(0x18, Buffer.from('21200101000000Z')),
  );
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const certificate = sequence(tagged(0x02, Buffer.from([1])), algorithm, name, validity, name, key);
  const signature = sign('sha256', certificate, privateKey);
  const whole = sequence(certificate, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { privateKey, x5c: [whole.toString('base64')] };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + bytes.length]), bytes, content]);
}
