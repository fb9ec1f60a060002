/** Resolves once `met` answers true; polls, and fails after twenty seconds with what was waited for. */
export async function eventually(what: string, met: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!met()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
