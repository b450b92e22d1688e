import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';

/** Entries of an axis that the compiler lists one by one. */
const mostEntries = 0xffffff;

/** Elements of an array: 2 GB of float32. */
const mostElements = 0x1fffffff;

/**
 * What no memory holds is refused before it is asked for: the engine would end with the process.
 *
 * @throws {@link UnsupportedFeature}
 */
export function checkCount(size: number): void {
  if (size > mostEntries)
    throw new UnsupportedFeature(
      `${size} entries along an axis are more than ${mostEntries}; ${keepInTensorFlow}`,
    );
}

/** The same for all elements of an array. */
export function checkElements(size: number): void {
  if (size > mostElements)
    throw new UnsupportedFeature(
      `a result of ${size} elements is larger than ${mostElements}; ${keepInTensorFlow}`,
    );
}
