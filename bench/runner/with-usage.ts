/**
 * Reads a command's options.
 *
 * @throws Error whose message is that of `read`, and how to use the command after it
 */
export function withUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
