import { relativeDifference } from '../../lib/measure/statistics.ts';
import type { Agreement } from './result.ts';

/** Outputs of an image: one per digit. */
export const classes = 10;
/** Two outputs of tfjs-node closer than this are a tie: rounding decides which class wins. */
const tie = 1e-5;

function bestClass(outputs: Float32Array, image: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++)
    if (outputs[image * classes + c]! > outputs[image * classes + best]!) best = c;
  return best;
}

/** Distance of the two best outputs of an image. */
function margin(outputs: Float32Array, image: number): number {
  const sorted = outputs.slice(image * classes, (image + 1) * classes).sort();
  return sorted[classes - 1]! - sorted[classes - 2]!;
}

/** Share of images whose largest output is that of their label. */
export function accuracyOf(outputs: Float32Array, labels: Uint8Array): number {
  let right = 0;
  for (const [image, label] of labels.entries()) if (bestClass(outputs, image) === label) right++;
  return right / labels.length;
}

/** Outputs of two engines for the same images: how far apart, and whether it ever matters. */
export function agreement(expected: Float32Array, received: Float32Array, labels: Uint8Array): Agreement {
  let otherClass = 0;
  let otherClassUnexplained = 0;
  for (let image = 0; image < labels.length; image++) {
    if (bestClass(expected, image) === bestClass(received, image)) continue;
    otherClass++;
    if (margin(expected, image) >= tie) otherClassUnexplained++;
  }
  return {
    maxDifference: relativeDifference(expected, received),
    accuracy: accuracyOf(received, labels),
    otherClass,
    otherClassUnexplained,
  };
}
