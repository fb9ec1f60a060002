import type { Database } from '../store/store.ts';
import { mergeEvidence, type Evidence } from './evidence.ts';
import type { EvidenceRecorder, FoundEvidence } from './record-evidence.ts';

/** What a statement says of an item, by a user of ours or by whoever has an e-mail address (lower case). */
export interface HeardStatement {
  readonly organisationId: string;
  readonly itemId: string;
  readonly evidence: Evidence;
  readonly actor: { readonly userId: string } | { readonly address: string };
}

export type HeardStatements = ReturnType<typeof createHeardStatements>;

/** Turns what was heard of actors into what is known of learners. */
export function createHeardStatements({ store, recorder }: { store: Database; recorder: EvidenceRecorder }) {
  /** Evidence of addresses that are nobody's waits until somebody verifies them (corrections.ts). */
  async function park(heard: readonly HeardStatement[]): Promise<void> {
    const rows = new Map<string, { organisationId: string; address: string; itemId: string } & Evidence>();
    for (const { organisationId, itemId, evidence, actor } of heard) {
      if (!('address' in actor)) continue;
      const key = `${organisationId} ${actor.address} ${itemId}`;
      const known = rows.get(key) ?? evidence;
      rows.set(key, { organisationId, address: actor.address, itemId, ...mergeEvidence(known, evidence) });
    }
    if (rows.size > 0) await store.mailboxes.upsertEvidence([...rows.values()]);
  }

  return {
    async learn(heard: readonly HeardStatement[]): Promise<void> {
      const owners = await ownersOf(store, heard);
      const userIdOf = ({ actor }: HeardStatement) =>
        'userId' in actor ? actor.userId : owners.get(actor.address);
      const found = heard.flatMap((each): FoundEvidence[] => {
        const learnerId = userIdOf(each);
        const { organisationId, itemId, evidence } = each;
        return learnerId === undefined ? [] : [{ organisationId, learnerId, itemId, ...evidence }];
      });
      await park(heard.filter((each) => userIdOf(each) === undefined));
      await recorder.record(found);
    },
  };
}

async function ownersOf(store: Database, heard: readonly HeardStatement[]): Promise<Map<string, string>> {
  const addresses = new Set(heard.flatMap(({ actor }) => ('address' in actor ? [actor.address] : [])));
  if (addresses.size === 0) return new Map();
  const owners = await store.mailboxes.selectManyOwned([...addresses]);
  return new Map(owners.map(({ address, userId }) => [address, userId]));
}
