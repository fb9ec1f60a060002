import { isAscii, isUtf8 } from 'node:buffer';
import {
  findRepeatedProperty,
  inspectStatements,
  scanJson,
  type Edition,
  type Fault,
  type Statement,
} from '@lyceum/xapi';
import { attachmentsOf, placedAttachments, unfound } from './attachments-of.ts';
import { refusals } from './xapi-error.ts';

/** A valid statement and its own JSON, on one line, strings and numbers as they were sent. */
export interface SentStatement {
  readonly statement: Statement;
  readonly text: string;
}

export interface SentStatements {
  /** Whether they came as an array; one statement need not. */
  readonly isArray: boolean;
  readonly statements: readonly SentStatement[];
}

/** More than any statement needs, and safe for what walks through them. */
const depthLimit = 100;

/**
 * Reads the body of a request: one statement or an array of them, held against all rules of structure.
 *
 * @param inParts whether the bytes of attachments come in further parts of the request
 * @throws XapiError 400 with all faults: a request is accepted whole or not at all.
 */
export function readStatements(body: Buffer, edition: Edition, inParts = false): SentStatements {
  const sent = decode(body);
  const scan = scanJson(sent);
  if (scan.depth > depthLimit) throw refusals.tooDeep(depthLimit);
  const value = parse(sent);
  // Outside of strings, where alone they can be, tabs and line breaks say nothing; on the log they end columns.
  const text = scan.broken ? sent.replaceAll(/[\t\n\r]/g, ' ') : sent;
  const { faults, members } = inspectStatements(value, edition);
  if (faults.length === 0 && members !== scan.members) faults.push(...repeated(text));
  if (faults.length > 0) throw refusals.invalid(faults);
  const isArray = Array.isArray(value);
  const statements = isArray ? (value as Statement[]) : [value as Statement];
  const together = faultsTogether(statements, isArray, inParts);
  if (together.length > 0) throw refusals.invalid(together);
  const spans = scan.spans;
  return {
    isArray,
    statements: statements.map((statement, index) => ({
      statement,
      text: text.slice(spans[index * 2], spans[index * 2 + 1]),
    })),
  };
}

function decode(body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1');
  if (!isUtf8(body)) throw refusals.notUtf8();
  return body.toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refusals.notJson(error instanceof Error ? error.message : String(error));
  }
}

function repeated(text: string): Fault[] {
  const fault = findRepeatedProperty(text);
  return fault === undefined ? [] : [fault];
}

/** What no check of one statement sees: an id used twice in the request, attachments that are not in it. */
function faultsTogether(statements: readonly Statement[], isArray: boolean, inParts: boolean): Fault[] {
  const faults: Fault[] = [];
  const ids = new Set<string>();
  statements.forEach((statement, index) => {
    const { id } = statement;
    const at = isArray ? `[${String(index)}].` : '';
    const known = id?.toLowerCase();
    if (known !== undefined && ids.has(known)) {
      faults.push({
        path: `${at}id`,
        reason: 'is the id of an earlier statement of this request',
        spec: 'Communication 2.1.2',
      });
    }
    if (known !== undefined) ids.add(known);
    if (!inParts && attachmentsOf(statement).length > 0)
      faults.push(...unfound(placedAttachments(statement, at), () => false, notHere));
  });
  return faults;
}

const notHere = 'must have a fileUrl: the bytes are not in this request';
