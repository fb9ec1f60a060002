/** Why a service can't start, written for the person at the terminal: shown without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}
