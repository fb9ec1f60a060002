import type { ProcessState } from '../supervise/managed-process.ts';
import type { RunState } from '../data/run-state.ts';
import type { MeasuredService } from './measure-services.ts';
import { memoryOfTree, type Memory } from './memory.ts';

/** What runs, since when, on what, and how far consumers are behind, as a table for people. */
export function renderStatus(state: RunState, measured: readonly MeasuredService[], now: Date): string {
  const processes = new Map(state.processes.map((process) => [process.name, process]));
  const rows = state.services.map(({ name, process, url }, index) => {
    const service = measured.find((entry) => entry.name === name);
    const first = state.services.findIndex((entry) => entry.process === process) === index;
    const columns = first ? processColumns(processes.get(process), now) : [process, '', '', '', ''];
    return [name, ...columns, url, condition(service), lagOf(service)];
  });
  const engineRows = ['postgres', 'clickhouse'].flatMap((name) => {
    const process = processes.get(name);
    return process ? [[name, ...processColumns(process, now), '', process.status, '']] : [];
  });
  const header = ['', 'process', 'pid', 'up', 'restarts', 'memory', 'address', 'condition', 'behind the log'];
  const engines = Object.entries(state.engines).map(([engine, where]) => `${engine}: ${where}`);
  return [
    `Lyceum runs as process ${state.pid} since ${state.since} (${age(state.since, now)}).`,
    engines.join(' · '),
    ...memoryLine(memoryOfTree(state.pid)),
    '',
    ...table([header, ...engineRows, ...rows]),
    '',
  ].join('\n');
}

function processColumns(process: ProcessState | undefined, now: Date): string[] {
  if (!process) return ['', '', '', '', ''];
  const up = process.since === undefined ? '' : age(process.since, now);
  const memory = process.pid === undefined ? undefined : memoryOfTree(process.pid);
  return [process.name, String(process.pid ?? ''), up, String(process.restarts), megabytes(memory)];
}

/** The proportional set size, so that shared memory is counted once. */
function megabytes(memory: Memory | undefined): string {
  return memory === undefined ? '' : `${Math.round(memory.pss / 1e6)} MB`;
}

function condition(service: MeasuredService | undefined): string {
  if (!service) return 'unknown';
  return service.ready ? 'ready' : `not ready (${service.reason ?? 'unknown reason'})`;
}

/** The groups that have something left to read, or 0. */
function lagOf(service: MeasuredService | undefined): string {
  if (!service || service.lags.length === 0) return '';
  const behind = service.lags.filter(({ records }) => records > 0);
  return behind.map(({ group, topic, records }) => `${group} on ${topic}: ${records}`).join(', ') || '0';
}

function memoryLine(memory: Memory | undefined): string[] {
  return memory === undefined ? [] : [`Memory of all processes: ${megabytes(memory)}.`];
}

/** The time since an ISO instant, in its two largest units: `2 h 5 min`. */
export function age(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
