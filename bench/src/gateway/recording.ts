import type { SubgraphName } from './graph.ts';

/** A fetch as a gateway sent it. */
export interface Fetch {
  readonly name: SubgraphName;
  readonly body: string;
}

/** What one request costs in fetches: those of a wave go out side by side, one wave after the other. */
export type Waves = readonly (readonly Fetch[])[];

const mostKept = 100;

/** The fetches that came since they were last taken. */
export function createRecording() {
  let waves: Fetch[][] = [];
  let kept = 0;
  let underWay = 0;
  return {
    /** @returns what is called when it is answered */
    began(name: SubgraphName, body: string): () => void {
      if (underWay === 0 && kept < mostKept) waves.push([]);
      if (kept < mostKept) waves.at(-1)?.push({ name, body });
      kept += 1;
      underWay += 1;
      return () => {
        underWay -= 1;
      };
    },
    take(): Waves {
      const taken = waves;
      waves = [];
      kept = 0;
      return taken;
    },
  };
}
