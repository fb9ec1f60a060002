import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';

// What a frontend's bundler keeps. npm packages stay outside, so that their names tell who is asked for.

async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    treeShaking: true,
    external: ['graphql', 'graphql-ws', '@apollo/*', '@urql/*', 'rxjs', 'wonka'],
  });
  return outputFiles[0]!.text;
}

describe('a bundle for browsers', () => {
  test('of the core holds no other library, and of the operations what it uses itself', async () => {
    const text = await bundled("export { createLyceumClient } from '@lyceum/client'");
    expect(text).toContain('RefreshSession');
    expect(text).not.toContain('Catalogue');
    expect(text).not.toMatch(/@apollo|@urql|rxjs|wonka|"node:/);
    expect(text).not.toContain('possibleTypes');
  });

  test.each([
    ['apollo', 'createLyceumApolloClient', /@urql|wonka/],
    ['urql', 'lyceumExchanges', /@apollo|rxjs/],
  ])('of %s holds none of the other one', async (entry, name, other) => {
    const text = await bundled(`export { ${name} } from '@lyceum/client/${entry}'`);
    expect(text).not.toMatch(other);
    expect(text).not.toContain('createLiveSocket');
  });
});
