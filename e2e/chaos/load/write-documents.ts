import { createHash } from 'node:crypto';
import type { Ledger } from './ledger.ts';
import { chaosActivity } from './statement.ts';
import { untilAnswered, type Turn, type WriterOptions } from './writer.ts';
import { fateOf, type Send } from './xapi.ts';

const agent = JSON.stringify({ account: { homePage: 'https://example.org', name: 'keeper' } });

function pathOf(resource: string, parameters: Record<string, string>): string {
  return `/xapi/${resource}?${new URLSearchParams({ activityId: chaosActivity, ...parameters }).toString()}`;
}

async function read(send: Send, path: string): Promise<{ text: string | null; etag: string } | undefined> {
  const reply = await untilAnswered(() => send('GET', path));
  if (reply?.status === 404) return { text: null, etag: '' };
  if (reply?.status !== 200) return undefined;
  return { text: reply.text, etag: reply.headers.get('etag') ?? '' };
}

/**
 * A document of one writer that is replaced version by version with If-Match. It is the last that was accepted, or one
 * of those after it that had no answer.
 */
export function writeVersions({ send, ledger, random }: WriterOptions, name: string): Turn {
  const path = pathOf('activities/state', { stateId: name, agent });
  let possible = new Set<string | null>([null]);
  let version = 0;
  const faultOf = (text: string | null) =>
    possible.has(text) ? undefined : `${name} is ${text ?? 'gone'}, and may be ${[...possible].join(' or ')}`;
  ledger.addDocument({ path, faultOf });

  /** What it is, where that is in doubt. */
  async function current(): Promise<string | null> {
    const [only = null] = possible;
    if (possible.size === 1) return only;
    const found = await read(send, path);
    if (found === undefined) return only;
    const fault = faultOf(found.text);
    if (fault !== undefined) ledger.fault(fault);
    possible = new Set([found.text]);
    return found.text;
  }

  return async () => {
    const before = await current();
    version += 1;
    const body = JSON.stringify({ version, padding: random.bytes(20).toString('hex') });
    const precondition = before === null ? { 'if-none-match': '*' } : { 'if-match': `"${sha1(before)}"` };
    const reply = await send('PUT', path, { body, headers: precondition });
    const fate = fateOf(reply);
    if (fate === 'ACCEPTED') possible = new Set([body]);
    else if (fate === 'UNKNOWN') possible.add(body);
    else if (reply?.status !== 503)
      ledger.fault(`${name} was answered ${reply?.status ?? 0} ${reply?.text ?? ''}`);
  };
}

/** A document that several merge into: it has every member that was accepted, and none that was refused. */
export function createMerges(ledger: Ledger): (o: WriterOptions) => Turn {
  const path = pathOf('activities/profile', { profileId: 'merged' });
  const accepted = new Set<string>();
  const refused = new Set<string>();
  let members = 0;

  function faultOf(text: string | null, expected: ReadonlySet<string> = accepted): string | undefined {
    const found = new Set(Object.keys(JSON.parse(text ?? '{}') as object));
    const lost = [...expected].filter((member) => !found.has(member));
    const wrong = [...refused].filter((member) => found.has(member));
    if (lost.length + wrong.length === 0) return undefined;
    return `of the merged document ${lost.join(', ') || 'nothing'} is lost, ${wrong.join(', ') || 'nothing'} was refused`;
  }
  ledger.addDocument({ path, faultOf });

  return ({ send, random }) =>
    async () => {
      members += 1;
      const member = `m${members}`;
      const before = random.next() < 0.5 ? await read(send, path) : undefined;
      const etag = before?.etag ?? '';
      const headers = etag === '' ? {} : { 'if-match': etag };
      const reply = await send('POST', path, { body: JSON.stringify({ [member]: random.next() }), headers });
      const fate = fateOf(reply);
      if (fate === 'ACCEPTED') accepted.add(member);
      if (fate === 'REFUSED') refused.add(member);
      if (reply !== null && ![204, 412, 503].includes(reply.status))
        ledger.fault(`a merge was answered ${reply.status} ${reply.text}`);
      if (random.next() < 0.7) return;
      const expected = new Set(accepted);
      const now = await read(send, path);
      const fault = now && faultOf(now.text, expected);
      if (fault !== undefined) ledger.fault(fault);
    };
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
