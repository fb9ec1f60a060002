// Goes before a process under test (`node --import`): its clock is as far off as a file says, which it reads when it is
// sent SIGUSR2, and then says so in another.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env.LYCEUM_TEST_CLOCK;
const RealDate = Date;
let offset = 0;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offset;
  }
};

function read() {
  offset = Number(readFileSync(file, 'utf8'));
  writeFileSync(`${file}.read`, String(offset));
}

read();
process.on('SIGUSR2', read);
