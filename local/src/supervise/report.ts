import { join } from 'node:path';
import type { ProcessEvents } from './managed-process.ts';
import { readableLogLine } from '../terminal/log-line.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** From this many crashes in a minute on, it is called by its name. */
const crashLoop = 4;

/** What was said within so many milliseconds is not said again. */
const repeatMs = 30_000;

/** Recognises a line that says what another said a moment ago, but for its time of day. */
function createRepetitionFilter(): (line: string) => boolean {
  const said = new Map<string, number>();
  return (line) => {
    const now = Date.now();
    const text = line.slice(line.indexOf(' '));
    const known = now - (said.get(text) ?? 0) < repeatMs;
    if (!known) said.set(text, now);
    for (const [old, at] of said) if (now - at >= repeatMs) said.delete(old);
    return !known;
  };
}

/** Tells the person at the terminal, in one plain line each, what happens to the processes. */
export function reportTo(terminal: Terminal, logs: string, changed: () => void): ProcessEvents {
  const isNew = createRepetitionFilter();
  return {
    changed,
    line: (_name, line) => {
      const readable = readableLogLine(line);
      if (readable !== undefined && isNew(readable)) terminal.warn(readable);
    },
    crashed: (name, how, pauseMs, recentCrashes) => {
      const loop = recentCrashes >= crashLoop ? `, ${recentCrashes} times in a minute` : '';
      const again = `Starting it again in ${(pauseMs / 1000).toFixed(1)} s.`;
      terminal.warn(
        `${name} stopped unexpectedly (${how})${loop}; see ${join(logs, `${name}.log`)}. ${again}`,
      );
    },
    recovered: (name, milliseconds) => {
      terminal.step(`${name} is back`, milliseconds);
    },
  };
}
