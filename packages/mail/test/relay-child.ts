/** Sends mails until it comes to the point where it dies, as by kill -9. */
import { pino } from 'pino';
import { createMailRelay, createTransport, type Transport } from '../src/index.ts';
import type { RelayChildInput, DeathPoint } from './relay-child-protocol.ts';

const input = JSON.parse(process.argv[2] ?? '{}') as RelayChildInput;
process.once('disconnect', () => process.exit());

function passes(point: DeathPoint): void {
  if (point === input.diesAt) process.kill(process.pid, 'SIGKILL');
}

const transport = createTransport({ from: 'Lyceum <no-reply@school.example>', ...input });
let delivered = 0;
const deliver: Transport['deliver'] = async (mail) => {
  // The second begins when the first was noted.
  if (delivered === 1) passes('after it was noted');
  passes('before it is sent');
  await transport.deliver(mail);
  delivered += 1;
  passes('between the server’s answer and the note');
};
createMailRelay({
  connectionString: input.connectionString,
  transport: { ...transport, deliver },
  logger: pino({ level: 'silent' }),
  concurrency: 1,
  pollMs: 50,
  leaseMs: input.leaseMs,
});
