// The step from the old module system to the new one; start.cjs can't hold `import()`, which an old Node won't parse.
'use strict';

import('./start.mjs').catch((error) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
