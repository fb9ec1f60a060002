import { statementIdsContract } from './statement-ids.ts';

statementIdsContract('the embedded log', () => ({}));
