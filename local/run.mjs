// `node local/run.mjs <command> [arguments]`: the commands beside `npm start`.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWhatChanged, buildWhatIsMissing } from './launch/build.mjs';
import { addressesOfRunning } from './launch/running.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const commands = {
  status: { bundle: 'local/dist/status/main.js', build: buildWhatIsMissing },
  mail: { bundle: 'local/dist/mail/main.js', build: buildWhatIsMissing },
  reset: { bundle: 'local/dist/reset/main.js', build: buildWhatIsMissing },
  'rebuild-progress': serviceCommand('subgraphs/learning/dist/rebuild-progress/main.js'),
  audit: serviceCommand('subgraphs/identity/dist/audit/main.js'),
  simulate: { bundle: 'simulate/dist/main.js', build: buildWhatChanged, environment: addressesOfRunning },
};

const [command, ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);

async function run(name, args) {
  if (name === 'bench') return bench(args);
  if (name === 'chaos') return fromSource(join(root, 'e2e', 'chaos', 'main.ts'), args);
  const known = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!known)
    return say(
      `Unknown command ${name ?? ''}: use one of ${Object.keys(commands).join(', ')}, bench, chaos.`,
    );
  if (!(await known.build())) return 1;
  return execute([join(root, known.bundle), ...(known.args ?? []), ...args], known.environment?.());
}

/** A service's own command, on the engines of the running system. */
function serviceCommand(bundle) {
  return { bundle: 'local/dist/service-command/main.js', args: [bundle], build: buildWhatIsMissing };
}

/** A benchmark is a file of bench/src, run from its source; each brings up what it needs. */
async function bench([name, ...args]) {
  const folder = join(root, 'bench', 'src');
  const file = join(folder, `${name ?? ''}.ts`);
  if (!name || name.includes('/') || !existsSync(file)) {
    return say(
      `${name ? `There is no benchmark ${name}.` : 'Which benchmark?'} There are: ${benchNames(folder).join(', ')}.`,
    );
  }
  return fromSource(file, args);
}

async function fromSource(file, args) {
  if (!(await buildWhatChanged())) return 1;
  return execute(['--import', 'tsx', file, ...args]);
}

/** A benchmark is a file that runs; what several share lies in a folder below. */
function benchNames(folder) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
  return names.length > 0 ? names.sort() : ['none yet'];
}

function say(text) {
  process.stderr.write(`${text}\n`);
  return 1;
}

/** Runs Node in the foreground and answers its exit code; it gets our signals. What is set goes before `defaults`. */
function execute(args, defaults = {}) {
  const env = { ...defaults, ...process.env };
  const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: root, env });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // A terminal sends Ctrl-C to the child as well.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ? 130 : (code ?? 1)));
  });
}
