import { GraphQLError } from 'graphql';

/** The document holds no operation of that name, or several and none was named. */
export function noSuchOperation(name: string | undefined): GraphQLError {
  const message = name === undefined ? 'Name the operation to run.' : `There is no operation "${name}".`;
  return new GraphQLError(message, {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}
