/** What is subscribed to: one event a second of each topic, with the instant at which it was made. */
export const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { topics: Int }
  type Subscription { tick(topic: Int!): Tick }
  type Tick { topic: Int! sequence: Int! at: Float! text: String }`;

export const subscription =
  'subscription Ticks($topic: Int!) { tick(topic: $topic) { topic sequence at text } }';

export interface Tick {
  readonly topic: number;
  readonly sequence: number;
  readonly at: number;
  readonly text: string;
}

/** Milliseconds of a clock that all processes of the machine share. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Calls back with each topic's events, the topics spread over the second. */
export function startTicking(topics: number, tell: (tick: Tick) => void): void {
  const text = 'What changed, in the words of whoever changed it. '.repeat(4);
  for (let topic = 0; topic < topics; topic += 1) {
    let sequence = 0;
    setTimeout(
      () => {
        setInterval(() => {
          tell({ topic, sequence: (sequence += 1), at: now(), text });
        }, 1_000);
      },
      (topic * 1_000) / topics,
    );
  }
}
