import { StartError } from '@lyceum/service';

/**
 * What can keep an engine from starting, by code:
 * - `PORT_IN_USE`: another process listens on the port
 * - `DIRECTORY_IN_USE`: another live process holds the data directory
 * - `DIRECTORY_UNUSABLE`: the data directory can't be created, written or reached, or the disk is full
 * - `DATA_TOO_NEW`: the data was written by a newer version (or another major one) and is left untouched
 * - `BINARIES_MISSING`: the platform's engine is not installed
 * - `ENGINE_FAILED`: the engine itself gave up; the message carries its last words
 */
export type EngineErrorCode =
  | 'PORT_IN_USE'
  | 'DIRECTORY_IN_USE'
  | 'DIRECTORY_UNUSABLE'
  | 'DATA_TOO_NEW'
  | 'BINARIES_MISSING'
  | 'ENGINE_FAILED';

/** An expected failure of an embedded engine. The message is written for the person at the terminal. */
export class EngineError extends StartError {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** The `code` of a system error (`ENOENT`, `EACCES` ...), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  // Not instanceof: Node's own errors belong to another realm where a test runner isolates its globals.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** `error` as a sentence, whatever was thrown. */
export function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return isError ? String(error.message) : String(error);
}
