/** Where the supervisor speaks to people: plain lines, colours only on a terminal that wants them. */
export interface Terminal {
  say(text: string): void;
  /** A step of the start that ended, with the time that it took. */
  step(text: string, milliseconds: number): void;
  warn(text: string): void;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** https://no-color.org: any value of NO_COLOR switches colours off. */
export function createTerminal(out: NodeJS.WriteStream, { colours }: { colours: boolean }): Terminal {
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, yellow] = [paint(1), paint(2), paint(33)];
  const say = (text: string) => {
    out.write(`${text}\n`);
  };
  return {
    say,
    step: (text, milliseconds) => {
      say(`  ${text} ${dim(`(${(milliseconds / 1000).toFixed(1)} s)`)}`);
    },
    warn: (text) => {
      say(yellow(text));
    },
    bold,
    dim,
  };
}
