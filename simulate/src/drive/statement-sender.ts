import type { Pool } from 'undici';
import type { Tally } from '../report/tally.ts';
import { StoppedError, UnavailableError, withRetry } from './retry.ts';

/** Posts statements to the LRS. */
export interface StatementSender {
  /** Resolves when they are accepted, or counted as an error, or given up because the run is to end. */
  send(statements: readonly string[]): Promise<void>;
}

const patienceMs = 60_000;

/** @param pool to the LRS; the key's secret goes with every request (HTTP Basic) */
export function createStatementSender(options: {
  pool: Pool;
  key: string;
  secret: string;
  tally: Tally;
  stop: AbortSignal;
}): StatementSender {
  const { pool, tally, stop } = options;
  const headers = {
    'content-type': 'application/json',
    'x-experience-api-version': '1.0.3',
    authorization: `Basic ${Buffer.from(`${options.key}:${options.secret}`).toString('base64')}`,
  };

  async function post(body: string): Promise<void> {
    const began = performance.now();
    const response = await pool.request({ path: '/xapi/statements', method: 'POST', headers, body });
    const text = await response.body.text();
    tally.latency('statements', performance.now() - began);
    if (response.statusCode >= 500 || response.statusCode === 429) {
      throw new UnavailableError(`HTTP ${response.statusCode}`);
    }
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}: ${text.slice(0, 200)}`);
  }

  return {
    async send(statements) {
      const [only, ...others] = statements;
      if (only === undefined) return;
      const body = others.length === 0 ? only : `[${statements.join(',')}]`;
      const onRetry = (reason: string) => {
        tally.retry(reason);
      };
      tally.counts.statementsSent += statements.length;
      try {
        await withRetry(() => post(body), { patienceMs, onRetry, stop });
        tally.counts.statementsAccepted += statements.length;
      } catch (error) {
        if (error instanceof StoppedError) return;
        tally.error(error instanceof Error ? error.message : String(error));
      }
    },
  };
}
