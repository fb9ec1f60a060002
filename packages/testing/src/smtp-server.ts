import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What a client says, as it says it: `MAIL FROM:<…>`; and `.` for the end of a mail. */
export type SmtpMoment = 'MAIL' | 'RCPT' | 'DATA' | '.';

export interface SmtpServer {
  /** `smtp://127.0.0.1:…` */
  readonly url: string;
  /** Every mail that was accepted, as it came, in order. */
  readonly accepted: readonly string[];
  /**
   * Called at each of these moments, before the answer. A text is the answer in place of the server's own, such as
   * `550 5.1.1 No such mailbox`; a promise is waited for. At `.` the server has the mail, and answers for it.
   */
  onMoment: (moment: SmtpMoment, line: string) => undefined | string | Promise<undefined | string>;
  stop(): Promise<void>;
}

/**
 * A mail server on a port of its own that keeps what it is sent: SMTP as RFC 5321 has it, section 4.1, without extensions
 * but 8BITMIME. A mail that it has accepted is there, whatever becomes of the client: as with any other.
 */
export async function startSmtpServer(): Promise<SmtpServer> {
  const accepted: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    converse(socket, running, accepted);
  });
  const running: SmtpServer = {
    url: '',
    accepted,
    onMoment: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(running, { url: `smtp://127.0.0.1:${port}` });
}

/** One after another, as the client waits for each answer. */
function converse(socket: Socket, server: SmtpServer, accepted: string[]): void {
  let received = '';
  let inData = false;
  let busy = Promise.resolve();
  const say = (text: string) => void socket.write(`${text}\r\n`);

  async function answer(moment: SmtpMoment, line: string, own: string): Promise<boolean> {
    const given = await server.onMoment(moment, line);
    say(given ?? own);
    return given === undefined;
  }

  async function endOfMail(mail: string): Promise<void> {
    inData = false;
    const given = await server.onMoment('.', mail);
    // Dots that begin a line were doubled (4.5.2).
    if (given === undefined) accepted.push(mail.replace(/^\.\./gm, '.'));
    say(given ?? '250 2.0.0 Accepted');
  }

  async function command(line: string): Promise<void> {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') say('250-localhost\r\n250 8BITMIME');
    else if (verb === 'MAIL' || verb === 'RCPT') await answer(verb, line, '250 2.1.0 Ok');
    else if (verb === 'DATA') inData = await answer(verb, line, '354 Go ahead');
    else if (verb === 'QUIT') socket.end('221 2.0.0 Bye\r\n');
    else say(verb === 'RSET' || verb === 'HELO' ? '250 Ok' : '502 5.5.1 Not implemented');
  }

  async function next(): Promise<void> {
    for (;;) {
      const end = received.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const said = received.slice(0, end);
      received = received.slice(end + (inData ? 5 : 2));
      await (inData ? endOfMail(said) : command(said));
    }
  }

  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    busy = busy.then(next);
  });
  say('220 localhost ESMTP');
}
