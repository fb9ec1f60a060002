/** Of SQLSTATE (https://www.postgresql.org/docs/18/errcodes-appendix.html): data exception, program limit exceeded. */
const classes = ['22', '54'];

/** What Prisma says of an error of its driver. */
interface DriverError {
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
}

/** Did PostgreSQL refuse a value that it was given, and would it again, however often it is given? */
export function isRefusedValue(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = (error as DriverError).meta?.driverAdapterError?.cause?.originalCode;
  return typeof code === 'string' && classes.includes(code.slice(0, 2));
}
