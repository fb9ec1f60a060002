import type { ChainedAct } from '../domain/audit-chain.ts';

/**
 * A row as a line of JSON (https://jsonlines.org). The hash covers the text of `event` as it stands in the line:
 * `sha256(previousHash + "\n" + sequence + "\n" + event)`.
 */
export function lineOfAct({ sequence, previousHash, hash, event }: ChainedAct): string {
  return `{"sequence":${sequence},"previousHash":"${previousHash}","hash":"${hash}","event":${event}}\n`;
}

const line = /^\{"sequence":(\d{1,18}),"previousHash":"([0-9a-f]*)","hash":"([0-9a-f]{64})","event":(.*)\}$/;

/** Undefined where the line is not one that `lineOfAct` makes. */
export function actOfLine(text: string): ChainedAct | undefined {
  const [, sequence, previousHash, hash, event] = line.exec(text) ?? [];
  if (sequence === undefined || previousHash === undefined || hash === undefined || event === undefined)
    return undefined;
  return { sequence: BigInt(sequence), previousHash, hash, event };
}
