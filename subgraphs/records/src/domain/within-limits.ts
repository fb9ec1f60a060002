import { tooExpensive } from './errors.ts';

/** What `read` answers; a query that was given up is the client's to narrow. @throws TOO_EXPENSIVE */
export async function withinLimits<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.name === 'QueryTooExpensiveError') throw tooExpensive();
    throw error;
  }
}
