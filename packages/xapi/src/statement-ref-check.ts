import { literal, object } from './checks.ts';
import { uuid } from './common-checks.ts';

/** A reference to another statement: Data 2.4.4.3. */
export const statementRef = object({
  spec: 'Data 2.4.4.3',
  properties: { objectType: literal('StatementRef', 'Data 2.4.4.3'), id: uuid('Data 2.4.4.3') },
  required: ['objectType', 'id'],
});
