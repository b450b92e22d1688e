/** A check reads a checkout and returns one line per fault: where, what, and what to do. None means it passes. */
export type Check = (root: string) => string[] | Promise<string[]>;
