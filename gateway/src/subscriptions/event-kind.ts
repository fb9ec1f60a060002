import {
  Kind,
  type FieldNode,
  type FormattedExecutionResult,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import type { Operation } from './operation.ts';

/**
 * What the events of a subscription are to a reader who is too slow for them.
 *
 * A field with an argument `after` tells events, none of which may be left out: its reader is cut off, and goes on from a
 * cursor. Any other tells states: of one object (by its `id`) the newest is enough, where the ids are in the events.
 */
export interface EventKind {
  readonly resumable: boolean;
  /** The object whose state the event tells; undefined where a later one does not make it needless. */
  keyOf(payload: FormattedExecutionResult): string | undefined;
  /** Where a reader goes on who has had this event; undefined where it does not say. */
  cursorOf(payload: FormattedExecutionResult): string | undefined;
}

export function eventKind(operation: Operation, schema: GraphQLSchema): EventKind {
  const field = rootFieldOf(operation);
  const definition = schema.getSubscriptionType()?.getFields()[field?.name.value ?? ''];
  const resumable = definition?.args.some(({ name }) => name === 'after') ?? false;
  const responseKey = field?.alias?.value ?? field?.name.value ?? '';
  const valueIn = ({ data }: FormattedExecutionResult, name: string) => {
    const event = data?.[responseKey] as Readonly<Record<string, unknown>> | null | undefined;
    const value = event?.[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return {
    resumable,
    keyOf: (payload) => (resumable || payload.errors ? undefined : valueIn(payload, 'id')),
    cursorOf: (payload) => (resumable ? valueIn(payload, 'cursor') : undefined),
  };
}

/** A valid subscription has one root field (https://spec.graphql.org/October2021/#sec-Single-root-field). */
function rootFieldOf({ definition, document }: Operation): FieldNode | undefined {
  const fragments = fragmentsOf(document);
  function firstIn({ selections }: SelectionSetNode): FieldNode | undefined {
    const [first] = selections;
    if (first?.kind === Kind.INLINE_FRAGMENT) return firstIn(first.selectionSet);
    if (first?.kind !== Kind.FRAGMENT_SPREAD) return first;
    const fragment = fragments.get(first.name.value);
    return fragment && firstIn(fragment.selectionSet);
  }
  return firstIn(definition.selectionSet);
}
