import { setTimeout as delay } from 'node:timers/promises';
import { lockDirectory } from '../../src/directory-lock.ts';

// A starter among several: takes the directory that it is told, and says whether it holds it.
process.on('message', ({ directory, afterMs }: { directory: string; afterMs: number }) => {
  void delay(afterMs)
    .then(() => lockDirectory(directory, 'test'))
    .then(
      () => process.send?.('held'),
      (error: unknown) => process.send?.((error as { code?: string }).code ?? String(error)),
    );
});
process.send?.('ready');
