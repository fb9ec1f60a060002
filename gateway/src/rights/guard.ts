import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { allowedOperation, type AllowedOperation } from './allowed-operation.ts';
import type { FieldRights } from './field-rights.ts';
import { operationRights, type OperationRights, type ProtectedField } from './operation-rights.ts';
import { refusalOf } from './refusal.ts';
import { refusedShape, type RefusedShape } from './refused-shape.ts';
import { withRefusals } from './refused-result.ts';
import { unmet, type Asker, type Requirement } from './requirement.ts';

/** What of an operation somebody is refused. */
export interface Refusal {
  /** Why, once for each field, without paths. */
  readonly errors: readonly GraphQLError[];
  /** The operation without it. */
  readonly allowed: Pick<AllowedOperation, 'document' | 'operation'>;
  /** Other than that of any other part of the operation: whoever is refused the same has the same. */
  readonly id: string;
  complete<R extends ExecutionResult>(result: R): R;
}

/** Decides what of an operation whoever asks may have. */
export interface Guard {
  /** Undefined: all of it. */
  refusal(document: DocumentNode, operation: OperationDefinitionNode, asker: Asker): Refusal | undefined;
}

interface Part {
  readonly allowed: AllowedOperation;
  readonly shape: RefusedShape;
  readonly id: string;
}

interface Guarded {
  readonly rights: OperationRights;
  readonly requirements: readonly Requirement[];
  /** By which of the requirements are not met. */
  readonly parts: Map<string, Part>;
}

/** Of one operation there are as many parts as there are sorts of people; whoever makes more makes them anew. */
const mostParts = 50;

/** @param needs of the fields of `schema` */
export function createGuard(schema: GraphQLSchema, needs: FieldRights): Guard {
  const known = new WeakMap<OperationDefinitionNode, Guarded>();

  function guarded(document: DocumentNode, operation: OperationDefinitionNode): Guarded {
    const done = known.get(operation);
    if (done) return done;
    const rights = operationRights({ document, operation, schema, needs });
    const requirements = [...new Set([...rights.values()].map(({ requirement }) => requirement))];
    const made = { rights, requirements, parts: new Map<string, Part>() };
    known.set(operation, made);
    return made;
  }

  function partOf(
    { rights, parts }: Guarded,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    refused: OperationRights,
  ): Part {
    const id = idOf(rights, refused);
    const done = parts.get(id);
    if (done) return done;
    if (parts.size >= mostParts) parts.clear();
    const allowed = allowedOperation(document, operation, refused);
    const part = { allowed, shape: refusedShape(allowed, schema), id };
    parts.set(id, part);
    return part;
  }

  return {
    refusal(document, operation, asker) {
      const all = guarded(document, operation);
      const lacking = new Set(all.requirements.filter((each) => unmet(each, asker).length > 0));
      if (lacking.size === 0) return undefined;
      const refused = new Map([...all.rights].filter(([, { requirement }]) => lacking.has(requirement)));
      const { allowed, shape, id } = partOf(all, document, operation, refused);
      return {
        allowed,
        id,
        errors: [...byCoordinate(refused)].map((field) => refusalOf(field, asker)),
        complete: (result) => withRefusals(result, { shape, mark: allowed.mark, asker }),
      };
    },
  };
}

function idOf(rights: OperationRights, refused: OperationRights): string {
  const bits = [...rights.keys()].map((node: FieldNode) => (refused.has(node) ? '1' : '0')).join('');
  return createHash('sha256').update(bits).digest('hex');
}

function byCoordinate(refused: OperationRights): Iterable<ProtectedField> {
  return new Map([...refused.values()].map((field) => [field.coordinate, field])).values();
}
