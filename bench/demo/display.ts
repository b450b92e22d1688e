import cliProgress from 'cli-progress';

/** What is running, on the screen: bars in a terminal, a line per finished piece elsewhere (logs, CI). */
export interface Display {
  /** Lane `lane` is at `share` of `label`. */
  lane(lane: number, label: string, share: number, detail: string): void;
  /** The whole demo is at `share`; `secondsLeft` when it can be told. */
  overall(share: number, secondsLeft?: number): void;
  /** A line that stays. */
  log(text: string): void;
  stop(): void;
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function leftText(secondsLeft: number | undefined): string {
  return secondsLeft === undefined ? '' : `about ${clock(secondsLeft)} left`;
}

function bars(lanes: number): Display {
  const multi = new cliProgress.MultiBar(
    { format: '{label} {bar} {percentage} %  {detail}', barsize: 30, hideCursor: true, linewrap: false },
    cliProgress.Presets.shades_grey,
  );
  const pad = (text: string) => text.padEnd(29);
  const made = Array.from({ length: lanes }, () => multi.create(100, 0, { label: pad(''), detail: '' }));
  const total = multi.create(100, 0, { label: pad('all'), detail: '' });
  return {
    lane: (lane, label, share, detail) =>
      made[lane]?.update(Math.floor(share * 100), { label: pad(label), detail }),
    overall: (share, secondsLeft) =>
      total.update(Math.floor(share * 100), { label: pad('all'), detail: leftText(secondsLeft) }),
    log: (text) => multi.log(`${text}\n`),
    stop: () => multi.stop(),
  };
}

function lines(): Display {
  const last = new Map<number, string>();
  let left = '';
  return {
    lane(lane, label, _share, detail) {
      const line = `${label}: ${detail}`;
      if (last.get(lane) === line) return;
      last.set(lane, line);
      console.log([line, left].filter(Boolean).join(', '));
    },
    overall(_share, secondsLeft) {
      left = leftText(secondsLeft);
    },
    log: (text) => console.log(text),
    stop() {},
  };
}

/** @param lanes - how many things run at once */
export function display(lanes: number): Display {
  return process.stdout.isTTY ? bars(lanes) : lines();
}
