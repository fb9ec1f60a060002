import { setTimeout as delay } from 'node:timers/promises';
import { statementBody } from '../statements.ts';

/** What somebody does again and again, so many times a second. */
export interface Activity {
  readonly name: string;
  readonly perSecond: number;
  /** @throws Error for an answer that is not as it should be */
  readonly act: (index: number) => Promise<void>;
}

export interface ActivityResult {
  readonly name: string;
  /** Milliseconds each. */
  readonly times: readonly number[];
  readonly errors: readonly string[];
}

export interface MixedLoadOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The bodies of a kind, used in turns: one is another's again once its ids are renewed. */
const bodies = 16;

/** Reading and writing as an LRS of a busy school has it: some 350 statements a second. */
export function mixedActivities({ url, headers }: MixedLoadOptions): Activity[] {
  async function ask(
    method: string,
    path: string,
    expected: number,
    body?: Uint8Array | string,
  ): Promise<string> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body !== undefined && { body: body as string }),
    });
    const text = await response.text();
    if (response.status !== expected)
      throw new Error(`${method} ${path.slice(0, 80)}: ${response.status} ${text.slice(0, 200)}`);
    return text;
  }

  function post(count: number) {
    const made = Array.from({ length: bodies }, () => statementBody(count));
    return async (index: number) => {
      const body = made[index % bodies];
      body?.renewIds();
      // A copy: the body may be another's before it is sent.
      known.push(
        ...(JSON.parse(
          await ask('POST', '/xapi/statements', 200, body && Uint8Array.from(body.bytes)),
        ) as string[]),
      );
      known.splice(0, known.length - 500);
    };
  }

  const known: string[] = [];
  const home = 'http://localhost:4000';
  const person = (index: number) =>
    JSON.stringify({ account: { homePage: home, name: `user_01k9zq7x8pfb5t3m6d${String(index % 37)}` } });
  const item = (index: number) => `${home}/xapi/activities/item_01k9zq7x8pfb5t3m6d${String(index % 53)}`;
  const query = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters).toString()}`;
  const page = async (parameters: Record<string, string>) => {
    const found = await ask('GET', `/xapi/statements${query({ limit: '50', ...parameters })}`, 200);
    const { more } = JSON.parse(found) as { more: string };
    if (more !== '') await ask('GET', more, 200);
  };
  const state = (index: number) => query({ activityId: item(index), agent: person(index), stateId: 'place' });

  return [
    { name: 'POST one', perSecond: 60, act: post(1) },
    { name: 'POST twenty', perSecond: 15, act: post(20) },
    { name: 'pages by actor', perSecond: 2, act: (index) => page({ agent: person(index) }) },
    {
      name: 'pages by activity, related',
      perSecond: 2,
      act: (index) => page({ activity: item(index), related_activities: 'true' }),
    },
    {
      name: 'one by its id',
      perSecond: 10,
      act: async (index) => {
        const id = known[index % Math.max(known.length, 1)];
        if (id !== undefined) await ask('GET', `/xapi/statements${query({ statementId: id })}`, 200);
      },
    },
    {
      name: 'a state, merged and read',
      perSecond: 10,
      act: async (index) => {
        await ask('POST', `/xapi/activities/state${state(index)}`, 204, JSON.stringify({ page: index }));
        await ask('GET', `/xapi/activities/state${state(index)}`, 200);
      },
    },
  ];
}

/**
 * Each activity at its rate, whether or not earlier ones have ended, but never more than a few hundred at once: what
 * falls behind must show in its times, and not bring down who measures.
 */
export async function runActivities(
  activities: readonly Activity[],
  seconds: number,
): Promise<ActivityResult[]> {
  return Promise.all(activities.map((activity) => runActivity(activity, seconds)));
}

const mostAtOnce = 300;

async function runActivity({ name, perSecond, act }: Activity, seconds: number): Promise<ActivityResult> {
  const times: number[] = [];
  const errors: string[] = [];
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  for (let index = 0; index < seconds * perSecond; index += 1) {
    const due = began + (index * 1_000) / perSecond;
    if (due > performance.now()) await delay(due - performance.now());
    if (underWay.size >= mostAtOnce) await Promise.race(underWay);
    const acting: Promise<void> = act(index)
      .then(
        () => void times.push(performance.now() - due),
        (error: unknown) => void errors.push(told(error)),
      )
      .finally(() => underWay.delete(acting));
    underWay.add(acting);
  }
  await Promise.all(underWay);
  return { name, times, errors };
}

/** fetch hides why it failed in the cause. */
function told(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof Error ? `${String(error)}: ${cause.message}` : String(error);
}
