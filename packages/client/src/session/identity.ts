import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { codeOf, RequestFailed, SessionEnded, Unreachable, type GraphQLFault } from '../errors.ts';
import {
  AnswerChallengeDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  RefreshSessionDocument,
  type ChallengeOfLoginFragment,
  type FaultOfUserFragment,
  type SessionChallengeAnswerInput,
  type SessionCreateInput,
} from '../generated/graphql.ts';
import type { Post } from '../requests/post.ts';
import type { Tokens } from './tokens.ts';

/** What comes of a login. */
export type Login =
  | { readonly outcome: 'tokens'; readonly tokens: Tokens }
  | { readonly outcome: 'challenge'; readonly challenge: ChallengeOfLoginFragment }
  | { readonly outcome: 'refused'; readonly userErrors: readonly FaultOfUserFragment[] };

/** Identity's mutations about sessions, without a session. */
export interface Identity {
  logIn(input: SessionCreateInput): Promise<Login>;
  answer(input: SessionChallengeAnswerInput): Promise<Login>;
  /** @throws SessionEnded where the refresh token is refused; Unreachable where that is not known */
  refresh(refreshToken: string): Promise<Tokens>;
  revoke(accessToken: string): Promise<void>;
  /** @returns how many sessions ended */
  revokeAll(accessToken: string, keepCurrent: boolean): Promise<number>;
}

/** With these the gateway says that it, or a subgraph, could not answer: nothing is known of the session. */
const unwell = new Set([
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_BAD_ANSWER',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
]);

export function createIdentity(post: Post): Identity {
  async function ask<Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    token?: string,
  ): Promise<Data> {
    const { data, errors = [], status } = await post<Data>({ document, variables, token });
    if (data != null) return data;
    if (status >= 500 || isUnwell(errors)) throw new Unreachable(`Identity: ${errors[0]?.message ?? status}`);
    throw new RequestFailed(errors);
  }

  return {
    async logIn(input) {
      const { sessionCreate } = await ask(LogInDocument, { input });
      return loginOf(sessionCreate);
    },
    async answer(input) {
      const { sessionChallengeAnswer } = await ask(AnswerChallengeDocument, { input });
      return loginOf(sessionChallengeAnswer);
    },
    async refresh(refreshToken) {
      const { sessionRefresh } = await ask(RefreshSessionDocument, { input: { refreshToken } });
      if (sessionRefresh.tokens) return sessionRefresh.tokens;
      throw new SessionEnded(sessionRefresh.userErrors[0]?.message ?? 'The session has ended.');
    },
    async revoke(accessToken) {
      await ask(LogOutDocument, {}, accessToken);
    },
    async revokeAll(accessToken, keepCurrent) {
      const { sessionsRevoke } = await ask(LogOutEverywhereDocument, { keepCurrent }, accessToken);
      return sessionsRevoke.ended ?? 0;
    },
  };
}

function isUnwell(errors: readonly GraphQLFault[]): boolean {
  return unwell.has(codeOf(errors) ?? '');
}

function loginOf(payload: {
  readonly tokens?: Tokens | null;
  readonly challenge?: ChallengeOfLoginFragment | null;
  readonly userErrors: readonly FaultOfUserFragment[];
}): Login {
  const { tokens, challenge, userErrors } = payload;
  if (tokens) return { outcome: 'tokens', tokens };
  if (challenge) return { outcome: 'challenge', challenge };
  return { outcome: 'refused', userErrors };
}
