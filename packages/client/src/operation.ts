import { getOperationAST, print, type DocumentNode, type OperationDefinitionNode } from 'graphql';

/** An operation as it is sent. */
export interface SentOperation {
  readonly query: string;
  readonly operationName?: string;
}

const known = new WeakMap<DocumentNode, SentOperation>();

/** Printed once for each document: a page asks few operations many times. */
export function operationOf(document: DocumentNode): SentOperation {
  const sent = known.get(document) ?? printed(document);
  known.set(document, sent);
  return sent;
}

/** @throws Error where there is none, or several to choose from */
export function definitionOf(document: DocumentNode): OperationDefinitionNode {
  const definition = getOperationAST(document);
  if (!definition) throw new Error('A document holds one operation.');
  return definition;
}

function printed(document: DocumentNode): SentOperation {
  const { name } = definitionOf(document);
  return { query: print(document), ...(name ? { operationName: name.value } : {}) };
}
