import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClaimOutcome, KeyClaim, LogClaims, RecordPlace, TakenKey } from '../../claims.ts';
import type { AppendRecord } from '../../event-log.ts';
import { prepare, putRecord } from '../append.ts';
import { readRecord } from '../read.ts';
import { recordKey } from '../record-key.ts';
import type { LogStore } from '../store.ts';
import type { TopicSettingsByName } from '../../topic-settings.ts';
import { selectOptionalTopic } from '../topics.ts';
import { decodeClaimEntry, encodeClaimEntry, entryKey, keyBytes, placeOfKey } from './claim-entry.ts';
import { oldestUnread } from './oldest-unread.ts';
import { createKeyFilter } from './key-filter.ts';
import { createKeyHasher } from './key-hash.ts';
import { createRecentKeys } from './recent-keys.ts';

export interface EmbeddedClaimsOptions {
  readonly store: LogStore;
  readonly settings: TopicSettingsByName;
  readonly onAppended: (record: AppendRecord) => void;
  /** Keys of which each process knows the record; of older ones it knows that they may be taken. */
  readonly recentLimit?: number;
}

/** Entries that are read at a time while others wait. */
const sliceEntries = 1_000;

/**
 * The keys lie in the store in the order in which they were claimed, one entry a record, which costs next to nothing to
 * write; a tree of random keys would write a page of 4 KiB for each. Each process that claims has them in memory, and
 * reads what others have added when it holds the write lock (docs/decisions/0022-statement-ids.md).
 */
export function createEmbeddedClaims(o: EmbeddedClaimsOptions): LogClaims {
  const { store, settings, recentLimit = 2_000_000 } = o;
  const hasher = createKeyHasher();
  const recent = createRecentKeys(recentLimit);
  const filter = createKeyFilter();
  /** The first entry that this process has not in memory. */
  let unseen = 1;

  function remember(entry: number, namespace: string, keys: Buffer): void {
    const hashOf = hasher.of(namespace);
    for (let at = 0; at < keys.length; at += keyBytes) {
      const hash = hashOf(keys, at);
      recent.add(hash, entry);
      filter.add(hash);
    }
    unseen = entry + 1;
  }

  const nextEntry = () => store.marks.get('claims-next') ?? 1;

  function catchUp(end = nextEntry()): void {
    while (unseen < end) {
      const value = store.claims.get(entryKey(unseen));
      if (value === undefined) throw new Error(`claim ${String(unseen)} is missing`);
      const { namespace, keys } = decodeClaimEntry(value);
      remember(unseen, namespace, keys);
    }
  }

  /** The entry in which the key is, to the letter. */
  function findEntry(namespace: string, key: Buffer): { record: Buffer; place: number } | undefined {
    let found: { record: Buffer; place: number } | undefined;
    recent.find(hasher.of(namespace)(key, 0), (number) => {
      const value = store.claims.get(entryKey(number));
      const entry = value && decodeClaimEntry(value);
      const place = entry?.namespace === namespace ? placeOfKey(entry, key) : -1;
      if (entry && place >= 0) found = { record: entry.record, place };
      return place >= 0;
    });
    return found;
  }

  function whatStandsInTheWay({ namespace, keys, free }: KeyClaim): ClaimOutcome {
    const taken: TakenKey[] = [];
    const unsure: number[] = [];
    const hashOf = hasher.of(namespace);
    for (let at = 0; at < keys.length; at += keyBytes) {
      if (!filter.mayHave(hashOf(keys, at))) continue;
      const place = at / keyBytes;
      const entry = findEntry(namespace, keys.subarray(at, at + keyBytes));
      if (entry !== undefined)
        taken.push({ place, found: { place: entry.place, record: readRecord(store, entry.record) } });
      else if (recent.forgottenBefore > 0 && free?.has(place) !== true) unsure.push(place);
    }
    return { taken, unsure };
  }

  function putEntry(record: Buffer, claim: KeyClaim): number {
    const entry = nextEntry();
    store.claims.putSync(entryKey(entry), encodeClaimEntry(record, claim), { append: true });
    store.marks.putSync('claims-next', entry + 1);
    return entry;
  }

  /** Of a transaction that failed, entries are in memory, and their numbers are given again. */
  async function write<T>(operation: () => T, bytes: number): Promise<T> {
    const before = { unseen };
    try {
      return await store.write(() => {
        catchUp();
        before.unseen = unseen;
        return operation();
      }, bytes);
    } catch (error) {
      unseen = Math.min(unseen, before.unseen);
      throw error;
    }
  }

  return {
    async open() {
      for (;;) {
        store.refresh();
        const end = nextEntry();
        if (unseen >= end) return;
        catchUp(Math.min(end, unseen + sliceEntries));
        await nextTurn();
      }
    },
    async append(record, claim) {
      const ready = prepare(record);
      const outcome = await write(() => {
        const inTheWay = claim.isChecked ? whatStandsInTheWay(claim) : nothing;
        if (isFree(inTheWay)) {
          const entry = putEntry(putRecord(store, settings, ready, Date.now()), claim);
          remember(entry, claim.namespace, claim.keys);
        }
        return inTheWay;
      }, ready.frame.length + claim.keys.length);
      if (isFree(outcome)) o.onAppended(record);
      return outcome;
    },
    async note(records) {
      // Who only notes has nothing in memory, and needs nothing: others read what it wrote.
      await store.write(() => {
        for (const { record, claim } of records) {
          if (!isNoted(store, record)) putEntry(keyOf(store, record), claim);
        }
      });
    },
    async fill(pages) {
      if (store.marks.get('claims-filled') === 1) return;
      for await (const claim of pages) await store.write(() => putEntry(noRecord, claim), claim.keys.length);
      await store.write(() => {
        store.marks.putSync('claims-filled', 1);
      });
    },
    find(namespace, key) {
      store.refresh();
      catchUp();
      if (!filter.mayHave(hasher.of(namespace)(key, 0))) return undefined;
      const found = findEntry(namespace, key);
      if (found) return { place: found.place, record: readRecord(store, found.record) };
      return recent.forgottenBefore > 0 ? 'unsure' : undefined;
    },
    isForgottenRead(group) {
      if (recent.forgottenBefore === 0) return true;
      store.refresh();
      const value = store.claims.get(entryKey(recent.forgottenBefore));
      const oldestKnown = value && readRecord(store, decodeClaimEntry(value).record);
      return (
        oldestKnown === undefined || oldestUnread(store, group, oldestKnown.topic) > oldestKnown.appendedAt
      );
    },
  };
}

/** Of keys whose record nobody knows: no topic has the number 0. */
const noRecord = recordKey(0, 0, 0);

const nothing: ClaimOutcome = { taken: [], unsure: [] };

function isFree({ taken, unsure }: ClaimOutcome): boolean {
  return taken.length === 0 && unsure.length === 0;
}

/** Whether a record was noted before; it is noted by that. Records of a partition are noted in their order. */
function isNoted(store: LogStore, { topic, partition, offset }: RecordPlace): boolean {
  const mark = `claims-noted/${topic}/${String(partition)}` as const;
  if ((store.marks.get(mark) ?? -1) >= Number(offset)) return true;
  store.marks.putSync(mark, Number(offset));
  return false;
}

function keyOf(store: LogStore, { topic, partition, offset }: RecordPlace): Buffer {
  const id = selectOptionalTopic(store, topic)?.id ?? 0;
  return recordKey(id, partition, Number(offset));
}
