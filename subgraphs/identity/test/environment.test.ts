import { expect, test } from '@jest/globals';
import { readEnv } from '../src/env.ts';

test('all faults of the environment are named at once', () => {
  const read = () => readEnv({ PORT: 'http', DATABASE_URL: 'mysql://x', KEY_ENCRYPTION_SECRET: 'short' });
  expect(read).toThrow(/PORT: [^]*DATABASE_URL: |DATABASE_URL: [^]*PORT: /);
  expect(read).toThrow('KEY_ENCRYPTION_SECRET: must have at least 16 characters');
});

test('production refuses the development secret and demo accounts', () => {
  const read = () => readEnv({ NODE_ENV: 'production', LYCEUM_DEMO: '1' });
  expect(read).toThrow('KEY_ENCRYPTION_SECRET: must be set to a secret of your own in production');
  expect(read).toThrow('LYCEUM_DEMO: demo accounts have known passwords and are refused in production');
});
