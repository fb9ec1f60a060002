import { commonEnvironment, parseEnvironment } from '@lyceum/service';
import { dataPaths } from '../data/paths.ts';
import { renderMails } from './render-mails.ts';

// `npm run mail [-- 50]`: the last mails that no server sent, with their links.
const { LYCEUM_DATA_DIR } = parseEnvironment({ LYCEUM_DATA_DIR: commonEnvironment.LYCEUM_DATA_DIR });
const count = Number(process.argv[2] ?? 10);

if (!Number.isInteger(count) || count < 1) {
  process.stderr.write(`How many? ${process.argv[2] ?? ''} is no number of mails.\n`);
  process.exitCode = 64;
} else {
  process.stdout.write(renderMails(dataPaths(LYCEUM_DATA_DIR).mail, count));
}
