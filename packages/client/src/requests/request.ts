import type { DocumentNode } from 'graphql';
import { codeOf } from '../errors.ts';
import type { Session } from '../session/session.ts';
import type { Answer, Post } from './post.ts';

/** Asks a query or a mutation in the name of who is logged in. @throws Unreachable, SessionEnded */
export type Request = <Data>(
  document: DocumentNode,
  variables: object,
  signal?: AbortSignal,
) => Promise<Answer<Data>>;

/**
 * A token that the gateway refuses is renewed, once, and the operation asked again. With status 401 nothing of it has been
 * run, so that this is safe for mutations too; an UNAUTHENTICATED within an answer is handed on.
 */
export function createRequest(post: Post, session: Session): Request {
  return async (document, variables, signal) => {
    const token = await session.token();
    const first = await post<never>({ document, variables, token }, signal);
    if (token === undefined || first.status !== 401 || codeOf(first.errors) !== 'UNAUTHENTICATED')
      return first;
    const next = await session.tokenInsteadOf(token);
    return post<never>({ document, variables, token: next }, signal);
  };
}
