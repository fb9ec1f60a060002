/** jest's globalTeardown. */
export default async function stopPostgres() {
  const child = globalThis.lyceumTestPostgres;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end();
  if (child.exitCode === null && child.signalCode === null) await ended;
}
