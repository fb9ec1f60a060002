import type { Random } from '../random.ts';
import type { Ledger } from './ledger.ts';
import { markOf } from './statement.ts';
import type { Turn } from './writer.ts';
import type { Send } from './xapi.ts';

/** What was seen by readers while processes were killed. */
export interface Watch {
  /** Statements that a filter had to find by what Consistent-Through said, and did. */
  readonly witnessed: number;
  /** Statements that were read by their ids a moment after they were accepted. */
  readonly readAtOnce: number;
  /** A filter by registration, held against the header of the same answer. */
  readonly filter: Turn;
  /** A statement by its id. */
  readonly byId: Turn;
}

const throughHeader = 'x-experience-api-consistent-through';

/** Of so many statements one is chosen: the newest are what is in doubt, the others what must be there. */
const recent = [100, 1_500];

export function watchReading({
  send,
  ledger,
  random,
}: {
  send: Send;
  ledger: Ledger;
  random: Random;
}): Watch {
  let witnessed = 0;
  let readAtOnce = 0;

  const ofRegistration = (registration: string) =>
    ledger.accepted.slice(-2_000).filter((each) => each.registration === registration);

  return {
    get witnessed() {
      return witnessed;
    },
    get readAtOnce() {
      return readAtOnce;
    },
    async filter() {
      const near = ledger.accepted.slice(-random.pick(recent));
      if (near.length === 0) return;
      const { registration } = random.pick(near);
      const wanted = ofRegistration(registration);
      const reply = await send('GET', `/xapi/statements?registration=${registration}&limit=500`);
      if (reply?.status !== 200) return;
      const through = Date.parse(reply.headers.get(throughHeader) ?? '');
      const { statements } = JSON.parse(reply.text) as { statements: unknown[] };
      const found = new Set(statements.map(markOf));
      for (const each of wanted) {
        const { mark, id, acceptedAt } = each;
        if (acceptedAt > through || ledger.isVoided(each)) continue;
        if (found.has(mark)) witnessed += 1;
        else
          ledger.fault(
            `Consistent-Through said ${new Date(through).toISOString()}, and ${id ?? ''}, accepted at ` +
              `${new Date(acceptedAt).toISOString()}, was not found`,
          );
      }
    },
    async byId() {
      const last = ledger.accepted.at(-1 - random.below(5));
      if (last?.id === undefined || ledger.isVoided(last)) return;
      const reply = await send('GET', `/xapi/statements?statementId=${last.id}`);
      if (reply?.status === 200 && markOf(JSON.parse(reply.text)) === last.mark) readAtOnce += 1;
      else if (reply !== null && reply.status !== 503)
        ledger.fault(
          `${last.id}, which was accepted, was answered ${reply.status} ${reply.text.slice(0, 300)}`,
        );
    },
  };
}
