import { isTimestamp, timestampMicros } from '../timestamp.ts';

/** Which statements are asked for (Communication 2.1.3), beside the organisation. */
export interface StatementFilter {
  /** See agentKey; several where one agent is written in several ways. */
  readonly agent?: string | readonly string[];
  readonly relatedAgents?: boolean;
  readonly verb?: string;
  readonly activity?: string;
  readonly relatedActivities?: boolean;
  readonly registration?: string;
  /** Timestamps: stored after the first, and up to and with the second. */
  readonly since?: string;
  readonly until?: string;
  /** Only what this authority brought. */
  readonly authority?: string;
  readonly ascending: boolean;
}

/** The place of a statement in the order of all. */
export interface StatementPlace {
  /** `2026-11-21 10:00:00.000000`, UTC */
  readonly stored: string;
  readonly id: string;
}

/** Statements of one page at most. */
export const largestLimit = 500;

/** Whether a text is a timestamp in the range that ClickHouse compares: 1900 to 2299. */
export function isComparable(text: string): boolean {
  if (!isTimestamp(text)) return false;
  const year = new Date(Number(timestampMicros(text) / 1000n)).getUTCFullYear();
  return year >= 1900 && year <= 2299;
}
