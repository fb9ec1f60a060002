/** An error as GraphQL answers it (https://spec.graphql.org/October2021/#sec-Errors). */
export interface GraphQLFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The graph refused, or could not do, what was asked. */
export class RequestFailed extends Error {
  override name = 'RequestFailed';
  readonly errors: readonly GraphQLFault[];
  /** Of the first error: FORBIDDEN, NOT_FOUND … */
  readonly code: string | undefined;

  constructor(errors: readonly GraphQLFault[]) {
    super(errors.map(({ message }) => message).join(' ') || 'The graph gave no answer.');
    this.errors = errors;
    this.code = codeOf(errors);
  }
}

/** No answer came: the network, or a server that is not well. It may be asked again. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** Nobody is logged in any more: the session was revoked or is too old, or somebody logged out or in. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/** Where an error says which of the known ones it is. */
export function codeOf(errors: readonly GraphQLFault[] | undefined): string | undefined {
  const code = errors?.[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : undefined;
}
