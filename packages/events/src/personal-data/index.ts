export { createPersonalDataAnswers, type PersonalDataAnswers, type PersonalDataTelling } from './answers.ts';
export { cutPieces, pieceBytes } from './next-piece.ts';
export { countFailure, lockWork, trimWork, updateWork, type Work } from './work.ts';
export { consumePersonalDataRequests } from './consume-requests.ts';
export type {
  PersonalDataDone,
  PersonalDataPiece,
  PersonalDataReport,
  PersonalDataRequest,
} from './request.ts';
export { sqlOn, type Sql } from '../sql.ts';
export { messageTables, personalTables, type PersonalTable, type TableDecisions } from './tables.ts';
export { undecided } from './undecided.ts';
export { personalDataWorkTable } from './work-table.ts';
