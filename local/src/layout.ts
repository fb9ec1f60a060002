import type { ServiceName } from './services.ts';

export type EngineName = 'postgres' | 'clickhouse';
export type ProcessName = EngineName | 'subgraphs' | 'gateway' | 'lrs-receive' | 'lrs-ingest';

/** One process of the system on one machine. */
export interface ProcessLayout {
  readonly name: ProcessName;
  /** What runs in it; none for an engine. */
  readonly services: readonly ServiceName[];
  /** The engines that must answer before it is started. */
  readonly needs: readonly EngineName[];
  /** Processes are stopped from the highest tier to the lowest: intake first, engines last. */
  readonly tier: 0 | 1 | 2;
  readonly nodeFlags: readonly string[];
  /** As nice(1) has it: who goes first where all want the cores. 0 for whoever answers somebody. */
  readonly niceness: 0 | 5;
}

/** For a process that only sees to an engine: a young generation of halves of 2 MB, and little beyond. */
const small = ['--max-semi-space-size=2', '--max-old-space-size=256'];

/** Room for batches of statements, that are garbage a moment later. */
const statements = ['--max-semi-space-size=16', '--max-old-space-size=512'];

/**
 * Which part runs in which process. The statement path (lrs-*) never shares one with the graph; the subgraphs share
 * one, which saves what four more runtimes take (measured in docs/decisions/0001-process-layout.md).
 */
export const layout: readonly ProcessLayout[] = [
  { name: 'postgres', services: [], needs: [], tier: 0, nodeFlags: small, niceness: 0 },
  { name: 'clickhouse', services: [], needs: [], tier: 0, nodeFlags: small, niceness: 5 },
  {
    name: 'subgraphs',
    services: ['identity', 'catalog', 'learning', 'assessment', 'records'],
    needs: ['postgres', 'clickhouse'],
    tier: 1,
    nodeFlags: ['--max-semi-space-size=8', '--max-old-space-size=512'],
    niceness: 0,
  },
  {
    name: 'lrs-ingest',
    services: ['lrs-ingest'],
    needs: ['postgres', 'clickhouse'],
    tier: 1,
    nodeFlags: statements,
    niceness: 5,
  },
  {
    name: 'gateway',
    services: ['gateway'],
    needs: [],
    tier: 2,
    nodeFlags: ['--max-semi-space-size=8', '--max-old-space-size=512'],
    niceness: 0,
  },
  {
    name: 'lrs-receive',
    services: ['lrs-receive'],
    needs: ['postgres', 'clickhouse'],
    tier: 2,
    nodeFlags: statements,
    niceness: 0,
  },
];
