import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { EnvironmentError, parseEnvironment } from '../src/environment.ts';
import { commonEnvironment, databaseEnvironment, port } from '../src/common-environment.ts';

const shape = {
  ...commonEnvironment,
  ...databaseEnvironment,
  PORT: port(4100),
  API_SECRET: z.string().default('none'),
};

const faultsOf = (source: NodeJS.ProcessEnv) => {
  try {
    parseEnvironment(shape, source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.faults.map(({ variable }) => variable);
    throw error;
  }
};

test('all faults are told at once, each with its variable', () => {
  expect(faultsOf({ PORT: 'http', NODE_ENV: 'prod', DATABASE_URL: 'mysql://x' }).sort()).toEqual([
    'DATABASE_URL',
    'NODE_ENV',
    'PORT',
  ]);
});

test('an empty variable is one that is not set', () => {
  expect(parseEnvironment(shape, { PORT: '', NODE_ENV: '' })).toMatchObject({
    PORT: 4100,
    NODE_ENV: 'development',
  });
});

describe('a password beside its URL', () => {
  const server = 'postgresql://lyceum@postgres:5432/lyceum';

  test.each(['plain', 'a/b#c?d@e:f', 'with space & 100%', 'größer', '%41'])('may be %s', (password) => {
    const env = parseEnvironment(shape, { DATABASE_URL: server, DATABASE_PASSWORD: password });
    const url = new URL(env.DATABASE_URL);
    expect(decodeURIComponent(url.password)).toBe(password);
    expect(url.host).toBe('postgres:5432');
    expect(url.pathname).toBe('/lyceum');
  });

  test('is refused where the URL holds one too', () => {
    const url = 'postgresql://lyceum:one@postgres/lyceum';
    expect(faultsOf({ DATABASE_URL: url, DATABASE_PASSWORD: 'two' })).toEqual(['DATABASE_URL']);
    expect(parseEnvironment(shape, { DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });
});

test('in production a secret of the demo is refused wherever it stands', () => {
  const demo = {
    API_SECRET: 'lyceum-demo-api',
    DATABASE_PASSWORD: 'lyceum-demo',
    LYCEUM_DATA_DIR: '/srv/lyceum-demo',
    PUBLIC_URL: 'https://lyceum-demo.example',
  };
  expect(faultsOf(demo)).toEqual([]);
  expect(faultsOf({ ...demo, NODE_ENV: 'production' }).sort()).toEqual(['API_SECRET', 'DATABASE_PASSWORD']);
  expect(faultsOf({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://l:lyceum-demo@h/l' })).toEqual([
    'DATABASE_URL',
  ]);
});
