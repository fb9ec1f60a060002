import { OutwardError, type ForwardingCredentials, type Outward, type Viewer } from '@lyceum/service';
import type { StatementForwarding } from '../store/statement-forwardings.ts';
import type { StatementForwardings } from './statement-forwardings.ts';

/** What was found of another store, just now. */
export interface ForwardingTest {
  /** Whether it answers. */
  readonly reached: boolean;
  /** The versions of xAPI that it says it speaks. */
  readonly versions: readonly string[];
  /** Whether it takes the credential for writing. */
  readonly accepted: boolean;
  readonly message: string | null;
}

const answerMs = 10_000;

/** Asks another store what it is, and whether it lets us in: with a request of no statements, which leaves nothing there. */
export function createForwardingTests(o: {
  forwardings: StatementForwardings;
  outward: Outward;
  credentials: ForwardingCredentials;
}) {
  const { forwardings, outward, credentials } = o;

  async function versionsOf({ endpoint, version }: StatementForwarding): Promise<string[]> {
    const headers = { 'x-experience-api-version': version };
    const { status, text } = await outward.ask(`${endpoint}/about`, {
      method: 'GET',
      headers,
      timeoutMs: answerMs,
    });
    return status === 200 ? readVersions(text) : [];
  }

  async function faultOfCredential(forwarding: StatementForwarding): Promise<string | null> {
    const { endpoint, version, key } = forwarding;
    const secret = await credentials.open(forwarding);
    const headers = {
      authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
      'x-experience-api-version': version,
      'content-type': 'application/json',
      'content-length': '2',
    };
    const body = Buffer.from('[]');
    const request = { method: 'POST', headers, body, timeoutMs: answerMs } as const;
    const { status } = await outward.ask(`${endpoint}/statements`, request);
    // Some take an empty list for a fault, once they have let us in.
    if ((status >= 200 && status < 300) || status === 400) return null;
    const isRefused = status === 401 || status === 403;
    return isRefused
      ? `It refuses the credential (${String(status)}).`
      : `It answers ${String(status)} to statements.`;
  }

  return {
    /** @throws NOT_FOUND */
    async run(viewer: Viewer, id: string): Promise<ForwardingTest> {
      const forwarding = await forwardings.get(viewer, id, ['input', 'id']);
      try {
        const versions = await versionsOf(forwarding);
        const fault = await faultOfCredential(forwarding);
        const speaks = versions.some((version) => version.startsWith(forwarding.version.slice(0, 2)));
        const message = fault ?? (speaks ? null : unsaid(versions, forwarding.version));
        return { reached: true, versions, accepted: fault === null, message };
      } catch (error) {
        if (!(error instanceof OutwardError)) throw error;
        return { reached: false, versions: [], accepted: false, message: error.message };
      }
    },
  };
}

const unsaid = (versions: readonly string[], wanted: string) =>
  versions.length === 0
    ? 'It does not say which versions of xAPI it speaks.'
    : `It speaks xAPI ${versions.join(', ')}, and not ${wanted}.`;

function readVersions(text: string): string[] {
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    return Array.isArray(version) ? version.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
