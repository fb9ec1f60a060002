import type { Fate } from './xapi.ts';

/** A statement that was sent, known by a mark in it that no other has. */
export interface SentStatement {
  readonly mark: string;
  /** Statements of one request are there all or none. */
  readonly request: number;
  readonly registration: string;
  /** Undefined until an answer tells it, where the LRS makes it. */
  id: string | undefined;
  fate: Fate;
  /** When the answer was there; milliseconds since 1970. */
  acceptedAt: number;
  /** The statement that it voids. */
  readonly voids: SentStatement | undefined;
  /** The text of its attachment. */
  readonly attachment: string | undefined;
}

export type NewStatement = Pick<SentStatement, 'registration'> &
  Partial<Pick<SentStatement, 'id' | 'voids' | 'attachment'>>;

/** A document that was written, and what it may hold now. */
export interface SentDocument {
  readonly path: string;
  /** What is wrong with what it holds; undefined where nothing is. */
  readonly faultOf: (text: string) => string | undefined;
}

/** All that was sent, and what became of it. */
export interface Ledger {
  readonly statements: ReadonlyMap<string, SentStatement>;
  readonly documents: readonly SentDocument[];
  readonly faults: readonly string[];
  /** A request's statements, before it is sent: nobody knows yet. */
  begin(statements: readonly NewStatement[]): SentStatement[];
  /** The ids are those of the answer. */
  accept(statements: readonly SentStatement[], ids?: readonly string[]): void;
  refuse(statements: readonly SentStatement[]): void;
  addDocument(document: SentDocument): void;
  fault(text: string): void;
  /** Accepted so far, in order. */
  readonly accepted: readonly SentStatement[];
  /** Whether a statement was sent that voids it. */
  isVoided(sent: SentStatement): boolean;
}

export function createLedger(onFault: (text: string) => void): Ledger {
  const statements = new Map<string, SentStatement>();
  const documents: SentDocument[] = [];
  const faults: string[] = [];
  const accepted: SentStatement[] = [];
  const voided = new Set<SentStatement>();
  let requests = 0;
  const fault = (text: string) => {
    faults.push(text);
    onFault(text);
  };
  return {
    statements,
    documents,
    faults,
    accepted,
    fault,
    begin(wanted) {
      requests += 1;
      const request = requests;
      return wanted.map(({ registration, id, voids, attachment }, index) => {
        const mark = `${request}/${index}`;
        const sent: SentStatement = {
          ...{ mark, request, registration, id, voids, attachment },
          fate: 'UNKNOWN',
          acceptedAt: Infinity,
        };
        statements.set(mark, sent);
        if (voids !== undefined) voided.add(voids);
        return sent;
      });
    },
    accept(sent, ids) {
      const acceptedAt = Date.now();
      for (const [index, each] of sent.entries()) {
        const id = ids?.[index] ?? each.id;
        if (each.id !== undefined && each.id !== id) fault(`${each.id} was answered as ${id ?? 'nothing'}`);
        Object.assign(each, { fate: 'ACCEPTED', id, acceptedAt });
        accepted.push(each);
      }
    },
    refuse(sent) {
      for (const each of sent) each.fate = 'REFUSED';
    },
    isVoided: (sent) => voided.has(sent),
    addDocument: (document) => void documents.push(document),
  };
}
