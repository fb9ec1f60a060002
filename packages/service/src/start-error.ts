/** Why a service can't start, written for the person at the terminal: shown without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

/** What is kept was written by a newer version of the service; it was left untouched. */
export class NewerDataError extends StartError {
  override name = 'NewerDataError';
}
