import { setTimeout as delay } from 'node:timers/promises';
import { runService } from '../../src/run-service.ts';

// A service that takes its time to start, and says what happens to it.
const say = (word: string) => process.stdout.write(`${word}\n`);

await runService({
  name: 'slow',
  async start() {
    say('starting');
    await delay(500);
    say('started');
    return {
      stop: () => {
        say('stopped');
        return Promise.resolve();
      },
    };
  },
});
