import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

test('a client without WebSocket can be made, says what is missing, and does not keep a program from ending', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-program-'));
  const outfile = join(folder, 'program.cjs');
  await build({
    // As in Node 20; later ones have one of their own.
    banner: { js: 'delete globalThis.WebSocket;' },
    stdin: {
      contents: `import { createLyceumClient } from '@lyceum/client';
        const client = createLyceumClient({ url: 'http://127.0.0.1:9/graphql' });
        try { client.subscribe({ kind: 'Document', definitions: [] }, {}, { next() {} }); }
        catch ({ message }) { process.stdout.write(message); }`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    outfile,
    platform: 'node',
    format: 'cjs',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], {
    timeout: 25_000,
  });
  rmSync(folder, { recursive: true });
  expect(stdout).toContain('pass one as `webSocket`');
});
