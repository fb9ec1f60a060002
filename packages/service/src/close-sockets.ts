/** What is needed of a WebSocketServer of the package ws. */
interface Sockets {
  readonly clients: ReadonlySet<{ terminate(): void }>;
}

const graceMs = 2_000;

/**
 * Ends what `dispose` ends, and cuts the clients that have not answered the closing handshake by then: ws waits for
 * each of them for 30 s, which is longer than a service has to stop.
 */
export async function closeSockets(sockets: Sockets, dispose: () => void | Promise<void>): Promise<void> {
  const cut = setTimeout(() => {
    for (const client of sockets.clients) client.terminate();
  }, graceMs);
  await dispose();
  clearTimeout(cut);
}
