/** A claim of the paper, judged by the numbers of this run. */
export interface Finding {
  /** What is claimed. */ claim: string;
  holds: boolean;
  /** The numbers behind it. */ detail: string;
  /** Whether the script fails when it does not hold; else it is reported only. */ judged: boolean;
}

/** A row of the table that the page shows. */
export type TableRow = Readonly<Record<string, string | number>>;

/** One line of a figure. */
export interface Curve {
  name: string;
  /** What the axes show. */ x: string;
  y: string;
  points: [x: number, y: number][];
}

/** What one paper's script reports. */
export interface PaperReport {
  findings: Finding[];
  table: TableRow[];
  curves: Curve[];
}

/** The file that a script writes. */
export interface PaperResult extends PaperReport {
  format: 'tfjs-sparse paper';
  version: 1;
  name: string;
  paper: string;
  /** What was trained on what, in words. */ setting: string;
  /** Few images and epochs: shows that it runs, proves little. */ quick: boolean;
  environment: Readonly<Record<string, string | number>>;
  /** Time on the clock and of the processor. */ seconds: { wall: number; cpu: number };
}
