import { createSocket } from 'node:dgram';
import dnsPacket from 'dns-packet';

/** What a name answers: texts, each of one or more parts; no such name; or nothing at all, for ever. */
export type TxtAnswer = readonly (string | readonly string[])[] | 'NXDOMAIN' | 'SERVFAIL' | 'SILENCE';

export interface DnsServer {
  /** As DNS_SERVERS has it. */
  readonly address: string;
  readonly asked: readonly string[];
  say(name: string, answer: TxtAnswer): void;
  stop(): Promise<void>;
}

const noSuchName = 3;
const serverFailure = 2;

/** A server of the DNS over UDP (RFC 1035), which knows TXT records alone. */
export async function startDnsServer(): Promise<DnsServer> {
  const known = new Map<string, TxtAnswer>();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const query = dnsPacket.decode(message);
    const name = query.questions?.[0]?.name.toLowerCase() ?? '';
    asked.push(name);
    const answer = known.get(name) ?? 'NXDOMAIN';
    if (answer !== 'SILENCE') socket.send(answerTo(query, name, answer), from.port, from.address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address();
  return {
    address: `127.0.0.1:${port}`,
    asked,
    say: (name, answer) => known.set(name, answer),
    stop: () =>
      new Promise<void>((resolve) => {
        socket.close(resolve);
      }),
  };
}

function answerTo(
  query: dnsPacket.DecodedPacket,
  name: string,
  answer: Exclude<TxtAnswer, 'SILENCE'>,
): Buffer {
  const fault = { NXDOMAIN: noSuchName, SERVFAIL: serverFailure };
  const code = typeof answer === 'string' ? fault[answer] : 0;
  const texts = typeof answer === 'string' ? [] : answer;
  const records = texts.map((text) => ({ type: 'TXT' as const, name, ttl: 0, data: [...[text].flat()] }));
  return dnsPacket.encode({
    type: 'response',
    id: query.id ?? 0,
    // The code of the answer stands in the last four bits of the flags (RFC 1035, 4.1.1).
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | code,
    questions: query.questions ?? [],
    answers: records,
  });
}
