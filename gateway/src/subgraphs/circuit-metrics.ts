import type { Logger, Metrics } from '@lyceum/service';
import type { CircuitState } from './circuit.ts';

/** Called when the circuit of a subgraph changes, and with `closed` when it is made. */
export type CircuitObserver = (subgraph: string, state: CircuitState) => void;

const states: readonly CircuitState[] = ['closed', 'open', 'trying'];

/** 1 for the state that each subgraph's circuit is in; each change is said in the log, once. */
export function createCircuitMetrics(metrics: Metrics, logger: Logger): CircuitObserver {
  const circuits = metrics.gauge({
    name: 'lyceum_gateway_circuit',
    help: 'Whether a subgraph is asked: 1 for the state of its circuit (closed: it is), 0 for the others.',
    labelNames: ['subgraph', 'state'],
  });
  const openings = metrics.counter({
    name: 'lyceum_gateway_circuit_openings_total',
    help: 'How often a subgraph was taken for down.',
    labelNames: ['subgraph'],
  });
  const known = new Set<string>();
  return (subgraph, state) => {
    for (const each of states) circuits.set({ subgraph, state: each }, each === state ? 1 : 0);
    if (state === 'open') {
      openings.inc({ subgraph });
      logger.warn({ subgraph }, 'a subgraph is down: it is not asked until it answers again');
    } else if (known.has(subgraph) && state === 'closed') {
      logger.info({ subgraph }, 'a subgraph is asked again');
    }
    known.add(subgraph);
  };
}
