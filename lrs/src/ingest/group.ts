/** The group in which ingest reads the log; its lag is how far reading lies behind accepting. */
export const ingestGroup = 'lrs-ingest';
