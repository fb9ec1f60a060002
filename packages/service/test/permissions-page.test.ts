import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { permissionsPage } from '../scripts/permissions-page.ts';
import { repositoryRoot } from '../src/index.ts';

test('docs/permissions.md is what the catalogue says (npm run build --workspace packages/service writes it)', () => {
  expect(readFileSync(join(repositoryRoot(), 'docs/permissions.md'), 'utf8')).toBe(permissionsPage());
});
