import type { tfc } from './peers.ts';

type PoolInfo = ReturnType<typeof tfc.backend_util.computePool2DInfo>;

/**
 * Where each window of a max-pool has its maximum; of equal values the first.
 *
 * @param values - [batch, height, width, channels], row-major
 * @returns flat index into `values`, per output entry
 */
export function maxPlaces(values: Float32Array, info: PoolInfo): Int32Array {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } = info;
  const places = new Int32Array(batchSize * outHeight * outWidth * inChannels);
  let at = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideHeight - padInfo.top;
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideWidth - padInfo.left;
        for (let channel = 0; channel < inChannels; channel++) {
          let [best, place] = [Number.NEGATIVE_INFINITY, 0];
          for (let y = Math.max(0, top); y < Math.min(inHeight, top + effectiveFilterHeight); y++) {
            for (let x = Math.max(0, left); x < Math.min(inWidth, left + effectiveFilterWidth); x++) {
              const index = ((b * inHeight + y) * inWidth + x) * inChannels + channel;
              if (values[index]! > best) [best, place] = [values[index]!, index];
            }
          }
          places[at++] = place;
        }
      }
    }
  }
  return places;
}
