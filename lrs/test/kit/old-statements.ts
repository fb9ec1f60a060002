import { agentOf, createStamper, encodeStatementBatch, type Statement } from '@lyceum/xapi';
import { publicUrl, type Ground } from './lrs.ts';

/** Statements on the log as if they had been stored at an instant (with microseconds), one after another; their record has no claim. */
export async function appendStored(
  ground: Pick<Ground, 'log'>,
  organisationId: string,
  batch: readonly (readonly [statement: Record<string, unknown>, stored: string])[],
): Promise<void> {
  const stamp = createStamper({ authority: agentOf(publicUrl, 'lyceum'), version: '1.0.0' });
  const statements = batch.map(([statement, stored]) => {
    const text = JSON.stringify(statement);
    return stamp(JSON.parse(text) as Statement, text, stored);
  });
  await ground.log.append([encodeStatementBatch({ organisationId, publicUrl, statements })]);
}
