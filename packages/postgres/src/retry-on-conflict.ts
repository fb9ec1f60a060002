import { setTimeout as delay } from 'node:timers/promises';
import { isSerializationFailure } from './database-errors.ts';

/** Runs a transaction again, up to `attempts` times with a little jitter, where another one got in its way. */
export async function retryOnConflict<T>(transaction: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (!isSerializationFailure(error) || attempt === attempts) throw error;
      await delay(Math.random() * 20 * attempt);
    }
  }
}
