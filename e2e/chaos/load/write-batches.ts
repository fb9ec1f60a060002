import type { NewStatement, SentStatement } from './ledger.ts';
import { statementOf } from './statement.ts';
import { untilAnswered, type Turn, type WriterOptions } from './writer.ts';
import { fateOf } from './xapi.ts';

/** Of so many requests a registration is: what a reader asks for at a time. */
const requestsOfRegistration = 5;

/** Batches with ids of their own, sent again until they are answered, and once more after that. */
export function writeNamedBatches(o: WriterOptions): Turn {
  const { send, ledger, random } = o;
  const some = createBatches(o);
  return async () => {
    const sent = ledger.begin(some().map((each) => ({ ...each, id: random.uuid() })));
    const body = JSON.stringify(sent.map((each) => statementOf(each)));
    const post = () => untilAnswered(() => send('POST', '/xapi/statements', { body }));
    const reply = await post();
    if (reply?.status === 200) ledger.accept(sent, JSON.parse(reply.text) as string[]);
    else
      ledger.fault(`a batch with new ids was answered ${reply?.status ?? 'by nothing'} ${reply?.text ?? ''}`);
    if (random.next() > 0.2) return;
    const again = await post();
    if (again?.status !== 200) ledger.fault(`the same again was answered ${again?.status ?? 'by nothing'}`);
  };
}

/** Batches whose ids the LRS makes: sent once, since again they would be others. */
export function writeNamelessBatches(o: WriterOptions): Turn {
  const { send, ledger } = o;
  const some = createBatches(o);
  return async () => {
    const sent = ledger.begin(some());
    const reply = await send('POST', '/xapi/statements', {
      body: JSON.stringify(sent.map((each) => statementOf(each))),
    });
    const fate = fateOf(reply);
    if (fate === 'ACCEPTED') ledger.accept(sent, JSON.parse(reply?.text ?? '[]') as string[]);
    else if (fate === 'REFUSED') ledger.refuse(sent);
    if (reply !== null && ![200, 503].includes(reply.status))
      ledger.fault(`a batch was answered ${reply.status} ${reply.text}`);
  };
}

/** Batches whose last statement is none: nothing of them may be there. */
export function writeInvalidBatches(o: WriterOptions): Turn {
  const { send, ledger } = o;
  const some = createBatches(o);
  return async () => {
    const sent = ledger.begin(some());
    ledger.refuse(sent);
    const statements = sent.map((each, index) =>
      statementOf(each, index === sent.length - 1 ? { verb: { id: 'no IRI' } } : {}),
    );
    const reply = await send('POST', '/xapi/statements', { body: JSON.stringify(statements) });
    if (reply !== null && ![400, 503].includes(reply.status))
      ledger.fault(`a batch with an invalid statement was answered ${reply.status}`);
  };
}

/** One by one with PUT; some come with a second of the same id, of which one may win. */
export function writeRivals(o: WriterOptions): Turn {
  const { send, ledger, random } = o;
  const taken: SentStatement[] = [];
  const put = (sent: SentStatement) =>
    untilAnswered(() =>
      send('PUT', `/xapi/statements?statementId=${sent.id ?? ''}`, {
        body: JSON.stringify(statementOf(sent)),
      }),
    );

  async function race(id: string, count: number): Promise<void> {
    const rivals = Array.from({ length: count }, () => ledger.begin([{ id, registration: random.uuid() }]));
    const replies = await Promise.all(rivals.flat().map(put));
    for (const [index, rival] of rivals.entries()) {
      const status = replies[index]?.status;
      if (status === 204) ledger.accept(rival);
      else if (status === 409) ledger.refuse(rival);
    }
    const won = rivals.flat().filter(({ fate }) => fate === 'ACCEPTED');
    if (won.length === 1) taken.push(...won);
    else {
      const statuses = replies.map((reply) => reply?.status ?? 'nothing').join(', ');
      ledger.fault(
        `of ${count} different statements with the id ${id}, answered ${statuses}, one should win`,
      );
    }
  }

  /** An id that was taken long ago, or just now. */
  async function challenge(): Promise<void> {
    if (taken.length === 0) return;
    const { id } = random.next() < 0.5 ? random.pick(taken) : (taken.at(-1) ?? random.pick(taken));
    const challenger = ledger.begin([{ id, registration: random.uuid() }]);
    ledger.refuse(challenger);
    for (const each of challenger) {
      const reply = await put(each);
      if (reply?.status !== 409)
        ledger.fault(
          `another statement with the taken id ${id ?? ''} was answered ${reply?.status ?? 'by nothing'}`,
        );
    }
  }

  return async () => {
    await race(random.uuid(), 1 + random.below(3));
    if (random.next() < 0.5) await challenge();
  };
}

/** One to twelve statements, a few batches to a registration. */
function createBatches({ random }: WriterOptions): () => NewStatement[] {
  let requests = 0;
  let registration = '';
  return () => {
    if (requests % requestsOfRegistration === 0) registration = random.uuid();
    requests += 1;
    return Array.from({ length: 1 + random.below(12) }, () => ({ registration }));
  };
}
