import { droppedIdsContract } from './dropped-ids.ts';

droppedIdsContract('the embedded log', () => ({}));
