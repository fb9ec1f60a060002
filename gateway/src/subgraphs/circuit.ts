import { SubgraphError } from './subgraph-error.ts';

/**
 * `closed`: the subgraph is asked. `open`: it is not, since it would be in vain. `trying`: it answers again when asked how
 * it is, though it failed what it was asked before; one request at a time goes through, until one succeeds.
 */
export type CircuitState = 'closed' | 'open' | 'trying';

/** Whether a subgraph is worth asking. Each request that is admitted must end as succeeded or failed. */
export interface Circuit {
  readonly state: CircuitState;
  /** @throws SubgraphError SUBGRAPH_UNAVAILABLE at once, where it is not. */
  admit(): void;
  /** It answered, whatever it said. */
  succeeded(): void;
  /** It gave no answer, or none that an application would give. */
  failed(): void;
  stop(): void;
}

/** How often an open circuit looks whether the subgraph is back: the pauses double up to the longest. */
export interface CircuitPace {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const stockPace: CircuitPace = { firstPauseMs: 50, longestPauseMs: 2_000 };

/** So many failures and no success between them, and it is not asked although it says that it is well. */
const failuresInARow = 5;
/** It is not looked after for longer than this when nobody asks: it may be gone for good. */
const interestMs = 60_000;

/**
 * A failure alone opens nothing: one operation may be too slow for any subgraph. It makes the circuit look how the subgraph
 * is, with a question of its own; where that fails too, the circuit opens until one is answered. So nobody's operation
 * is spent on finding out, and no client can have a healthy subgraph taken for down.
 *
 * @param options.look asks the subgraph how it is; rejects where it does not answer in time
 */
export function createCircuit(options: {
  name: string;
  look: () => Promise<void>;
  pace: CircuitPace;
  onChange: (state: CircuitState) => void;
}): Circuit {
  const { name, look, pace, onChange } = options;
  let state: CircuitState = 'closed';
  let failures = 0;
  let looking = false;
  /** Opened although the subgraph said that it is well. */
  let isSick = false;
  let isTried = false;
  let pauseMs = pace.firstPauseMs;
  let lastAsked = 0;
  let timer: NodeJS.Timeout | undefined;

  function become(next: CircuitState): void {
    if (state === next) return;
    state = next;
    onChange(next);
  }

  function open(sick: boolean): void {
    isSick = sick;
    lastAsked = performance.now();
    become('open');
    later();
  }

  function close(): void {
    failures = 0;
    pauseMs = pace.firstPauseMs;
    clearTimeout(timer);
    become('closed');
  }

  function later(): void {
    clearTimeout(timer);
    // With up to a third more by chance, so that several gateways do not come back in one instant.
    timer = setTimeout(() => void lookAgain(), pauseMs * (1 + Math.random() / 3)).unref();
    pauseMs = Math.min(pauseMs * 2, pace.longestPauseMs);
  }

  async function isWell(): Promise<boolean> {
    looking = true;
    try {
      await look();
      return true;
    } catch {
      return false;
    } finally {
      looking = false;
    }
  }

  async function lookAgain(): Promise<void> {
    if (await isWell()) {
      if (state !== 'open') return;
      isTried = false;
      if (isSick) become('trying');
      else close();
      return;
    }
    isSick = false;
    if (state !== 'open') return;
    if (performance.now() - lastAsked < interestMs) later();
    else close();
  }

  async function lookAfterFailure(): Promise<void> {
    if (looking || (await isWell()) || state !== 'closed') return;
    open(false);
  }

  return {
    get state() {
      return state;
    },
    admit() {
      if (state === 'closed') return;
      lastAsked = performance.now();
      if (state === 'trying' && !isTried) {
        isTried = true;
        return;
      }
      throw refusal(name);
    },
    succeeded() {
      failures = 0;
      if (state === 'trying') close();
    },
    failed() {
      failures += 1;
      if (state === 'trying') open(true);
      if (state !== 'closed') return;
      if (failures >= failuresInARow) open(true);
      else void lookAfterFailure();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

function refusal(name: string): SubgraphError {
  const message = `The subgraph "${name}" is down, and is not asked until it answers again.`;
  return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, { isRefused: true });
}
