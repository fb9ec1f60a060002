/**
 * Turns turbo's events (`--json`: `{source: 'turbo' | '<workspace>#build', level, text}`) into one line a workspace,
 * and keeps the output of each so that a failure is shown in full.
 *
 * @param {NodeJS.WriteStream} out
 */
export function createBuildProgress(out) {
  const started = Date.now();
  /** @type {Map<string, { cached: boolean, output: string[] }>} */
  const tasks = new Map();
  const remarks = [];
  const counter = createCounter(out);

  function begin(name, text) {
    const task = { cached: text.startsWith('cache hit'), output: [] };
    tasks.set(name, task);
    counter.show(`Building ${[...tasks.keys()].map(short).join(', ')}`);
    if (!out.isTTY && !task.cached) out.write(`  building ${short(name)}\n`);
  }

  return {
    /** One line of turbo's standard output. */
    event(line) {
      const { source, level, text } = parse(line);
      if (source === 'turbo' && level === 'error') remarks.push(text);
      if (!source?.includes('#')) return;
      if (!tasks.has(source)) begin(source, text);
      else tasks.get(source).output.push(text);
    },
    /** One line of turbo's standard error. */
    remark(line) {
      if (/error/i.test(line)) remarks.push(line);
    },
    end(succeeded) {
      counter.clear();
      if (!succeeded) return showFailures(tasks, remarks);
      const cached = [...tasks.values()].filter((task) => task.cached).length;
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      out.write(
        `Built ${tasks.size} workspaces in ${seconds} s${cached > 0 ? ` (${cached} unchanged)` : ''}.\n`,
      );
    },
  };
}

/** A line that is written over, on a terminal; nothing elsewhere. */
function createCounter(out) {
  const write = (text) => {
    if (out.isTTY) out.write(`\r\u001b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
  };
  return { show: write, clear: () => write('') };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { source: 'turbo', level: 'error', text: line };
  }
}

/** The failing workspace's output, whole: turbo names it as `command (<folder>) … exited (1)`. */
function showFailures(tasks, remarks) {
  process.stderr.write('The build failed.\n');
  for (const [name, { output }] of tasks) {
    const failed = output.some((line) => /error/i.test(line));
    if (failed) process.stderr.write(`\n${short(name)}:\n${output.map((line) => `  ${line}`).join('\n')}\n`);
  }
  process.stderr.write(`\n${remarks.join('\n')}\n`);
}

function short(name) {
  return name.replace(/^@lyceum\//, '').replace(/#build$/, '');
}
