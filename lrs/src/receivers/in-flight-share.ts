import type { Env } from '../receive/env.ts';

/**
 * The variables of one receiver of several: it may hold its share of what all may hold together, but never less than the
 * largest request takes.
 */
export function shareOf(
  env: Pick<Env, 'XAPI_IN_FLIGHT_LIMIT' | 'XAPI_BODY_LIMIT' | 'XAPI_DOCUMENT_LIMIT'>,
  receivers: number,
): { XAPI_IN_FLIGHT_LIMIT: string } {
  const all = env.XAPI_IN_FLIGHT_LIMIT;
  const largest = Math.max(env.XAPI_BODY_LIMIT, env.XAPI_DOCUMENT_LIMIT);
  return { XAPI_IN_FLIGHT_LIMIT: String(Math.min(all, Math.max(Math.floor(all / receivers), largest))) };
}
