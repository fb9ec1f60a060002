import { describe, expect, test } from '@jest/globals';
import { bootstrapOf, readEnv } from '../src/env.ts';

test('all faults of the environment are named at once', () => {
  const read = () => readEnv({ PORT: 'http', DATABASE_URL: 'mysql://x', KEY_ENCRYPTION_SECRET: 'short' });
  expect(read).toThrow(/PORT: [^]*DATABASE_URL: |DATABASE_URL: [^]*PORT: /);
  expect(read).toThrow('KEY_ENCRYPTION_SECRET: must have at least 16 characters');
});

test('production refuses the development secret and demo accounts', () => {
  const read = () => readEnv({ NODE_ENV: 'production', LYCEUM_DEMO: '1' });
  expect(read).toThrow('KEY_ENCRYPTION_SECRET: must be set to a secret of your own in production');
  expect(read).toThrow('GATEWAY_SECRET: must be set to a secret of your own in production');
  expect(read).toThrow('LYCEUM_DEMO: demo accounts have known passwords and are refused in production');
});

const bootstrap = {
  BOOTSTRAP_ORGANISATION: 'Acme',
  BOOTSTRAP_ADMIN_EMAIL: 'admin@acme.example',
  BOOTSTRAP_ADMIN_PASSWORD: 'long enough',
};

describe('the variables of the first organisation', () => {
  test('are all there or none', () => {
    expect(bootstrapOf(readEnv({}))).toBeUndefined();
    expect(
      bootstrapOf(readEnv({ BOOTSTRAP_ORGANISATION: '', BOOTSTRAP_ADMIN_PASSWORD: '' })),
    ).toBeUndefined();
    expect(bootstrapOf(readEnv(bootstrap))).toEqual({
      name: 'Acme',
      slug: 'acme',
      email: 'admin@acme.example',
      password: 'long enough',
    });
  });

  test.each(Object.keys(bootstrap) as (keyof typeof bootstrap)[])(
    'without %s are a fault that names it',
    (missing) => {
      const { [missing]: _left, ...rest } = bootstrap;
      const [given = ''] = Object.keys(rest);
      expect(() => readEnv(rest)).toThrow(`1 fault(s):\n  ${missing}: not set`);
      expect(() => readEnv({ [missing]: bootstrap[missing] })).toThrow('2 fault(s)');
      expect(() => readEnv({ [missing]: bootstrap[missing] })).toThrow(`${given}: not set`);
    },
  );

  test.each([
    ['BOOTSTRAP_ORGANISATION', '  ', 'must have 1 to 200 characters'],
    ['BOOTSTRAP_ORGANISATION', 'x'.repeat(201), 'must have 1 to 200 characters'],
    ['BOOTSTRAP_ORGANISATION', '日本語', 'must have a letter or a digit of ASCII'],
    ['BOOTSTRAP_ADMIN_EMAIL', 'admin at acme', 'must be an e-mail address'],
    ['BOOTSTRAP_ADMIN_PASSWORD', 'short', 'must have at least 8 characters'],
    ['BOOTSTRAP_ADMIN_PASSWORD', 'Password1', 'is one of the commonest'],
  ])('that hold %s %j are refused', (variable, value, reason) => {
    expect(() => readEnv({ ...bootstrap, [variable]: value })).toThrow(`${variable}: ${reason}`);
  });

  test('hold no demo password in production', () => {
    const given = { ...bootstrap, BOOTSTRAP_ADMIN_PASSWORD: 'lyceum-demo' };
    expect(() =>
      readEnv({
        ...given,
        NODE_ENV: 'production',
        KEY_ENCRYPTION_SECRET: 'a secret of our own',
        GATEWAY_SECRET: 'another one of our own',
      }),
    ).toThrow('BOOTSTRAP_ADMIN_PASSWORD: holds a secret of the demo');
    expect(() => readEnv(given)).not.toThrow();
  });

  test.each([
    ['acme-school', 'acme-school'],
    ['  Volkshochschule  Köln e.V. ', 'volkshochschule-koln-e-v'],
    [`${'x'.repeat(99)} y`, 'x'.repeat(99)],
  ])('make of %j the slug %j', (name, slug) => {
    expect(bootstrapOf(readEnv({ ...bootstrap, BOOTSTRAP_ORGANISATION: name }))).toMatchObject({
      name: name.trim(),
      slug,
    });
  });
});
