import { ApolloLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { Observable } from 'rxjs';
import type { LyceumClient } from '../client.ts';
import { definitionOf } from '../operation.ts';

/** Ends a chain of links: queries and mutations by HTTP, subscriptions over the socket, with the session of `client`. */
export function createLyceumLink(client: LyceumClient): ApolloLink {
  return new ApolloLink(({ query, variables }) => {
    const isLive = definitionOf(query).operation === OperationTypeNode.SUBSCRIPTION;
    return isLive ? live(client, query, variables) : asked(client, query, variables);
  });
}

type Results = ReturnType<ApolloLink['request']>;
type Query = ApolloLink.Operation['query'];
type Variables = ApolloLink.Operation['variables'];

function live(client: LyceumClient, query: Query, variables: Variables): Results {
  return new Observable<ApolloLink.Result>((observer) =>
    client.subscribe<Record<string, unknown>, Variables>(query, variables, {
      next: (answer) => {
        observer.next(answer as ApolloLink.Result);
      },
      error: (error) => {
        observer.error(error);
      },
      complete: () => {
        observer.complete();
      },
    }),
  );
}

function asked(client: LyceumClient, query: Query, variables: Variables): Results {
  return new Observable<ApolloLink.Result>((observer) => {
    const leaving = new AbortController();
    client.request<Record<string, unknown>>(query, variables, leaving.signal).then(
      ({ data, errors, extensions }) => {
        observer.next({ data, errors, extensions } as ApolloLink.Result);
        observer.complete();
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) observer.error(error);
      },
    );
    return () => {
      leaving.abort();
    };
  });
}
