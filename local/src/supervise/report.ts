import type { ProcessEvents } from './managed-process.ts';
import { readableLogLine } from '../terminal/log-line.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** From this many crashes in a minute on, it is called by its name. */
const crashLoop = 4;

/** Tells the person at the terminal, in one plain line each, what happens to the processes. */
export function reportTo(terminal: Terminal, logs: string, changed: () => void): ProcessEvents {
  return {
    changed,
    line: (_name, line) => {
      const readable = readableLogLine(line);
      if (readable !== undefined) terminal.warn(readable);
    },
    crashed: (name, how, pauseMs, recentCrashes) => {
      const again = `Starting it again in ${(pauseMs / 1000).toFixed(1)} s.`;
      const loop = `It keeps crashing (${recentCrashes} times in a minute): see ${logs}/${name}.log. `;
      terminal.warn(
        `${name} stopped unexpectedly (${how}). ${recentCrashes >= crashLoop ? loop : ''}${again}`,
      );
    },
    recovered: (name, milliseconds) => {
      terminal.step(`${name} is back`, milliseconds);
    },
  };
}
