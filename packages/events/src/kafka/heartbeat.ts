/** Keeps a member in its group while its handler works. */
export interface KeptAlive {
  /** Throws what a heartbeat was answered with: the group is rebalancing, or the member is out. */
  throwIfFailed(): void;
  end(): void;
}

export function keepAlive(heartbeat: () => Promise<void>, everyMs: number): KeptAlive {
  const failed: unknown[] = [];
  const beat = () => {
    heartbeat().catch((error: unknown) => failed.push(error));
  };
  const timer = setInterval(beat, everyMs);
  return {
    throwIfFailed: () => {
      if (failed.length > 0) throw failed[0];
    },
    end: () => {
      clearInterval(timer);
    },
  };
}
