import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { layout, type ProcessLayout } from '../src/layout.ts';
import type { ManagedProcess } from '../src/supervise/managed-process.ts';
import { createSupervisor } from '../src/supervise/supervisor.ts';

/** A process of which only the story is told; it starts in no time. */
function storyOf({ name }: ProcessLayout, story: string[]): ManagedProcess {
  const tell = (what: string) => story.push(`${name} ${what}`);
  return {
    name,
    start: () => Promise.resolve(void tell('started')),
    stop: () => Promise.resolve(Boolean(tell('stopped'))),
    kill: () => void tell('killed'),
    state: () => ({
      name,
      pid: undefined,
      startedAt: undefined,
      status: 'ready',
      since: undefined,
      restarts: 0,
    }),
  };
}

const nobodyAsks = () => undefined;

describe('a stop', () => {
  test('goes from the intake to the engines', async () => {
    const story: string[] = [];
    const supervisor = createSupervisor(layout, (entry) => Promise.resolve(storyOf(entry, story)));
    await supervisor.start(nobodyAsks);
    expect(await supervisor.stop()).toEqual([]);
    const stopped = story.filter((line) => line.endsWith(' stopped'));
    expect(stopped.indexOf('gateway stopped')).toBeLessThan(stopped.indexOf('subgraphs stopped'));
    expect(stopped.indexOf('subgraphs stopped')).toBeLessThan(stopped.indexOf('postgres stopped'));
    expect(stopped).toHaveLength(layout.length);
  });

  test.each(['stop', 'kill'] as const)(
    'while a process is prepared keeps it from ever starting (%s)',
    async (how) => {
      const story: string[] = [];
      const prepared: (() => void)[] = [];
      const supervisor = createSupervisor(layout, async (entry) => {
        await new Promise<void>((resolve) => prepared.push(resolve));
        return storyOf(entry, story);
      });
      const started = supervisor.start(nobodyAsks);
      await delay(10);
      const stopped = supervisor[how]();
      for (const resolve of prepared) resolve();
      await Promise.all([started, stopped]);
      expect(prepared.length).toBeGreaterThan(0);
      expect(story).toEqual([]);
    },
  );

  test('ends when all that the start has begun has ended', async () => {
    let ended = false;
    const supervisor = createSupervisor(layout, async (entry) => {
      await delay(100);
      ended = true;
      return storyOf(entry, []);
    });
    void supervisor.start(nobodyAsks);
    await delay(10);
    await supervisor.stop();
    expect(ended).toBe(true);
  });
});
