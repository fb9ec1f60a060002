/** jest's globalTeardown. */
export default async function stopPostgres() {
  const child = globalThis.lyceumTestPostgres;
  child.stdin.end();
  await new Promise((resolve) => child.once('exit', resolve));
}
