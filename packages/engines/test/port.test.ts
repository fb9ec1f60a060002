import net from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort, onFreePort } from '../src/index.ts';

const HOST = '127.0.0.1';
const servers: net.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listen(port: number): Promise<number> {
  const server = net.createServer();
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      resolve(port);
    });
  });
}

const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

describe('a free port', () => {
  test('is never one that an outgoing connection could be given, and no other’s', async () => {
    const ports = await Promise.all(Array.from({ length: 500 }, () => freePort(HOST)));
    expect(new Set(ports).size).toBe(500);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...ports)).toBeLessThan(30_000);
  });

  test('that is taken before it is bound is given up for another', async () => {
    const tried: number[] = [];
    const port = await onFreePort(
      HOST,
      async (free) => {
        tried.push(free);
        if (tried.length === 1) await listen(free);
        return listen(free);
      },
      isTaken,
    );
    expect(tried).toEqual([tried[0], port]);
    expect(port).not.toBe(tried[0]);
  });

  test('is tried five times, and only where a taken port was the fault', async () => {
    const tried: number[] = [];
    const race = onFreePort(
      HOST,
      async (free) => {
        tried.push(free);
        await listen(free);
        return listen(free);
      },
      isTaken,
    );
    await expect(race).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(tried).toHaveLength(5);
    const other = onFreePort(HOST, () => Promise.reject(new Error('broken')), isTaken);
    await expect(other).rejects.toThrow('broken');
  });
});
