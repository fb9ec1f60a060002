import { crashesKeepIds } from './statement-ids-crash.ts';
import { statementIdsContract } from './statement-ids.ts';

statementIdsContract('the embedded log', () => ({}));
crashesKeepIds('the embedded log', () => ({}));
