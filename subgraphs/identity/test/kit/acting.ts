import type { GraphQLClient } from '@lyceum/testing';

export interface Refusal {
  readonly code: string;
  readonly field: string[] | null;
  readonly message: string;
}

export type Acted<T> = T & { readonly userErrors: Refusal[] };

/**
 * What a mutation with one input answers.
 *
 * @throws Error with the permission that is missing, or with what else is wrong
 */
export async function act<T = object>(
  client: GraphQLClient,
  mutation: string,
  input: object,
  fields: string,
): Promise<Acted<T>> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await client<Record<string, Acted<T>>>(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} userErrors { code field message } } }`,
    { input },
  );
  const [error] = (errors ?? []) as { message: string; extensions?: { missing?: string } }[];
  if (error) throw new Error(error.extensions?.missing ?? error.message);
  return data[mutation]!;
}
