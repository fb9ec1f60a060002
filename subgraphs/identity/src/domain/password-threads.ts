import { availableParallelism } from 'node:os';
import { workspaceFile } from '@lyceum/service';
import { Piscina } from 'piscina';

/**
 * How many passwords are worked on at once. argon2 fills a core for some 10 ms: one core stays free of it, or many
 * logins at a time would make everybody else wait.
 */
export const passwordsAtOnce = Math.max(1, Math.min(availableParallelism() - 1, 3));

/** After so long without a password a thread ends, and gives its memory back. */
const idleMs = 60_000;

/**
 * The threads in which passwords are worked on, in the order in which they came; started when the first comes.
 *
 * They are not libuv's: of those there are four, with which Node also signs tokens and resolves names. And a thread
 * of ours has its next password with it while it works on one. libuv's hands the core back until the event loop,
 * which is as busy as the logins are many, gets to give it another.
 */
const threads = new Piscina({
  filename: workspaceFile('subgraphs/identity', 'src/domain/password-thread.mjs'),
  minThreads: 0,
  maxThreads: passwordsAtOnce,
  concurrentTasksPerWorker: 2,
  idleTimeout: idleMs,
  // Else one that finds no room goes behind all that came after it.
  stricterFIFO: true,
});

/** Where argon2 runs. @see password-thread.mjs */
export const passwordThreads = {
  hash: (password: string, parameters: Parameters): Promise<string> =>
    threads.run({ password, parameters }, { name: 'hash' }) as Promise<string>,

  verify: (passwordHash: string, password: string): Promise<boolean> =>
    threads.run({ passwordHash, password }, { name: 'verify' }) as Promise<boolean>,
};

/** Kibibytes, passes and lanes. */
interface Parameters {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}
