/** A service as the gateway sees it. */
export interface ServiceStatus {
  readonly name: string;
  readonly state: 'ready' | 'not ready' | 'unreachable';
  /** Only where a browser on the gateway's machine can open it. */
  readonly url?: string;
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
}

/** What the gateway says at /status.json. */
export interface Status {
  readonly at: string;
  readonly services: readonly ServiceStatus[];
  readonly statements: { readonly received: number | null; readonly lag: number | null };
  /** Whether the gateway asks each subgraph: `closed` where it does (docs/decisions/0040). */
  readonly circuits: Readonly<Record<string, string>>;
  /** What may be linked to. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** @throws TypeError while the gateway cannot be reached. */
export async function readStatus(): Promise<Status> {
  const response = await fetch('/status.json', { cache: 'no-store' });
  return (await response.json()) as Status;
}

/** Statements a second between two readings; null where it cannot be known, as after a restart. */
export function ratePerSecond(before: Status | undefined, now: Status): number | null {
  const [first, last] = [before?.statements.received, now.statements.received];
  if (before === undefined || first == null || last == null || last < first) return null;
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1_000;
  return seconds > 0 ? (last - first) / seconds : null;
}
