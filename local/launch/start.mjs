// Builds what changed, then becomes the supervisor.
import { buildWhatChanged } from './build.mjs';

process.env.LYCEUM_STARTED_AT ??= String(Date.now());
if (!(await buildWhatChanged())) process.exit(1);
await import('../dist/main.js');
