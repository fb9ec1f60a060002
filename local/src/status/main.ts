import { findHolder } from '@lyceum/engines';
import { commonEnvironment, parseEnvironment } from '@lyceum/service';
import { dataPaths } from '../data/paths.ts';
import { readRunState } from '../data/run-state.ts';
import { measureServices } from './measure-services.ts';
import { renderStatus } from './render-status.ts';

// `npm run status`: exits 1 where nothing runs, or something of it is not ready.
const { LYCEUM_DATA_DIR } = parseEnvironment({ LYCEUM_DATA_DIR: commonEnvironment.LYCEUM_DATA_DIR });
const paths = dataPaths(LYCEUM_DATA_DIR);
const holder = await findHolder(paths.root);
const state = readRunState(paths.state);

if (!holder || !state) {
  process.stdout.write(`Lyceum is not running (data directory ${paths.root}).\n`);
  process.exitCode = 1;
} else {
  const measured = await measureServices(state.services);
  process.stdout.write(renderStatus(state, measured, new Date()));
  process.exitCode = measured.every(({ ready }) => ready) ? 0 : 1;
}
