// Deletes from node_modules what no service reaches: `node deploy/prune.mjs`, in the image that runs services only.
// npm installs the dependencies of every workspace that is linked, also of those that are bundled or only build and
// test: with the engines of `npm start` among them, that is a gigabyte.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const tools = new Set(['@lyceum/build', '@lyceum/engines', '@lyceum/testing']);

/** The folders right below node_modules that are reached from no workspace of `services`, dependency by dependency. */
export function unreached(root, services) {
  const reached = new Set();
  const open = services.map((service) => join(root, service));
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (reached.has(folder)) continue;
    reached.add(folder);
    for (const name of dependenciesOf(folder)) {
      const found = tools.has(name) ? undefined : locate(name, folder, root);
      if (found !== undefined) open.push(found);
    }
  }
  return installed(root).filter((name) => !reached.has(join(root, 'node_modules', name)));
}

function dependenciesOf(folder) {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** As Node resolves it: in the nearest node_modules upwards. */
function locate(name, from, root) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** Names of packages; a linked workspace is a name too, and its folder is not below node_modules. */
function installed(root) {
  const modules = join(root, 'node_modules');
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
    );
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { services } = await import('./services.mjs');
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
  const workspaces = Object.values(services).map(({ main }) => main.replace(/\/dist\/.*$/, ''));
  const names = unreached(root, [...new Set(workspaces)]);
  for (const name of names) rmSync(join(root, 'node_modules', name), { recursive: true, force: true });
  console.log(`${names.length} packages that no service reaches were deleted.`);
}
