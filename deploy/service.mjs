// The entry point of the container image: `node deploy/service.mjs <service>`.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { services } from './services.mjs';

const name = process.argv[2] ?? '';
if (!Object.hasOwn(services, name)) {
  console.error(`There is no service "${name}". Name one of: ${Object.keys(services).join(', ')}.`);
  process.exit(64);
}
const main = fileURLToPath(new URL(`../${services[name].main}`, import.meta.url));
// A service runs only where its file is what Node was started with (isMain in packages/service).
process.argv = [process.argv[0], main];
await import(pathToFileURL(main).href);
