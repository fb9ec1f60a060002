import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { isSpecialAddress } from './special-addresses.ts';

/** Where requests may go whose address somebody from an organisation says. */
export interface OutwardRules {
  /** Whether they may go to this machine or a private network: there over plain http, too. */
  readonly privateAddresses: boolean;
}

export interface OutwardRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Buffers go with their length, a stream in chunks. */
  readonly body?: Buffer | AsyncIterable<Uint8Array>;
  /** For all of it, from the look-up of the name to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface OutwardAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Its beginning, where it is long. */
  readonly text: string;
}

/** Asks others, as a client whose address is not ours to choose. */
export interface Outward {
  /**
   * No redirect is followed, and no address is connected to that `rules` do not allow: it is decided about the address that
   * the connection is made to, so that a name can't answer otherwise in between (DNS rebinding; OWASP ASVS 4.0.3, 12.6.1).
   *
   * @throws OutwardError where there is no answer
   */
  ask(url: string, request: OutwardRequest): Promise<OutwardAnswer>;
  close(): void;
}

/** There was no answer: nobody is there, it took too long, or nobody may be asked there. */
export class OutwardError extends Error {
  override name = 'OutwardError';
}

/** Bytes of an answer that are read; the rest stays unread. */
const longestAnswer = 64 * 1024;

/** Why nothing is sent to a URL; undefined where it may be. What a name stands for is decided when it is connected to. */
export function outwardUrlFault(text: string, { privateAddresses }: OutwardRules): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'must hold no credentials';
  if (search !== '' || hash !== '') return 'must have neither a query nor a fragment';
  if (protocol !== 'https:' && !(protocol === 'http:' && privateAddresses)) return 'must begin with https://';
  const address = literalOf(hostname);
  return address === undefined ? undefined : addressFault(address, protocol, { privateAddresses });
}

export function createOutward(rules: OutwardRules): Outward {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  };
  return {
    async ask(text, request) {
      const fault = outwardUrlFault(text.replace(/\?.*$/, ''), rules);
      if (fault !== undefined) throw new OutwardError(`${text} ${fault}`);
      const url = new URL(text);
      const protocol = url.protocol as keyof typeof agents;
      const options = { agent: agents[protocol], lookup: guardedLookup(protocol, rules) };
      const late = AbortSignal.timeout(request.timeoutMs);
      return send(url, request, { ...options, late }).catch((error: unknown) => {
        throw outwardError(error, request, late.aborted);
      });
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Way {
  readonly agent: HttpAgent | HttpsAgent;
  readonly lookup: LookupFunction;
  /** Aborts when the time is over. */
  readonly late: AbortSignal;
}

function send(url: URL, request: OutwardRequest, { late, ...way }: Way): Promise<OutwardAnswer> {
  const { method, headers, body } = request;
  const signals = [late, ...(request.signal ? [request.signal] : [])];
  const options = { method, headers: { ...headers }, ...way, signal: AbortSignal.any(signals) };
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage) => {
      readAnswer(answer).then(resolve, reject);
    };
    const sent =
      url.protocol === 'https:' ? httpsRequest(url, options, onAnswer) : httpRequest(url, options, onAnswer);
    sent.on('error', reject);
    if (body === undefined || body instanceof Buffer) {
      sent.end(body);
      return;
    }
    Readable.from(body)
      .on('error', (error) => sent.destroy(error))
      .pipe(sent);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<OutwardAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the answer, and with it the connection.
    if (bytes >= longestAnswer) break;
  }
  const text = Buffer.concat(chunks).subarray(0, longestAnswer).toString('utf8');
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}

/** Looks a name up as a connection is made, and lets none be made that may not. */
function guardedLookup(protocol: string, rules: OutwardRules): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, []);
        return;
      }
      const fault = found.map(({ address }) => addressFault(address, protocol, rules)).find(Boolean);
      const [first] = found;
      if (fault !== undefined) callback(new OutwardError(`${hostname} ${fault}`), []);
      else if (options.all) callback(null, found);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

function addressFault(
  address: string,
  protocol: string,
  { privateAddresses }: OutwardRules,
): string | undefined {
  const isSpecial = isSpecialAddress(address);
  if (isSpecial && !privateAddresses) return 'is on this machine, or in a private network';
  return isSpecial || protocol === 'https:'
    ? undefined
    : 'is not in a private network: it must begin with https://';
}

/** The address that a host is written as, where it is no name. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

function outwardError(error: unknown, { signal, timeoutMs }: OutwardRequest, isLate: boolean): unknown {
  if (signal?.aborted || error instanceof OutwardError) return error;
  const message = isLate ? `no whole answer within ${String(timeoutMs / 1000)} s` : messageOf(error);
  return new OutwardError(message, { cause: error });
}

/** Of several addresses that were tried, each may have failed by itself (AggregateError). */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
