// Loads the demo courses into a running system that has the demo accounts, and ends: the service `demo` of
// docker-compose.yml. `npm start` does the same by itself.
import { isMain } from '@lyceum/service';
import { readEnv } from './env.ts';
import { loadDemo } from './load-demo.ts';

if (isMain(import.meta)) {
  const { course } = await loadDemo(readEnv().GRAPHQL_URL);
  process.stdout.write(`The demo courses are there, "${course.title}" among them.\n`);
}
