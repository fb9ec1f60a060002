/** Which statements are asked for (Communication 2.1.3), beside the organisation. */
export interface StatementFilter {
  /** See agentKey of packages/xapi. */
  readonly agent?: string;
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

/** The last statement of a page. */
export interface StatementPlace {
  /** `2026-11-21 10:00:00.000000`, UTC */
  readonly stored: string;
  readonly id: string;
}
