/** Shows how far a run is: a bar that is written over on a terminal, a line now and then elsewhere. */
export interface Progress {
  stop(): void;
}

const barWidth = 30;

/**
 * @param describe answers the share that is done (0 to 1) and a few words
 */
export function showProgress(
  out: NodeJS.WriteStream,
  describe: () => { share: number; words: string },
): Progress {
  const show = () => {
    const { share, words } = describe();
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    if (out.isTTY) out.write(`\r\u001b[2K${bar(share)} ${percent} % ${words}`);
    else out.write(`${percent} % ${words}\n`);
  };
  const timer = setInterval(show, out.isTTY ? 200 : 10_000);
  return {
    stop: () => {
      clearInterval(timer);
      show();
      if (out.isTTY) out.write('\n');
    },
  };
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}
