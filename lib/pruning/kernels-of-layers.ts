import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { leafLayers } from './leaf-layers.ts';
import { tfc } from './peers.ts';

/** The kernel of the forward pass behind one of a backward pass: `Conv2DBackpropFilter` -> `Conv2D`. */
function forwardKernel(kernel: string): string {
  return kernel.replace(/(Grad|Backprop(Input|Filter)?)(V2)?$/, '');
}

/** Names of the layers whose forward pass runs a kernel, or the one that it is the gradient of. */
export function layersOfKernel(model: LayersModel, inputs: Tensor[], kernel: string): string[] {
  const wanted = forwardKernel(kernel);
  const found = new Set<string>();
  let running: string | undefined;
  const engine = tfc.engine();
  const { runKernel } = engine;
  engine.runKernel = (name, ...rest) => {
    if (running !== undefined && name === wanted) found.add(running);
    return runKernel.call(engine, name, ...rest) as never;
  };
  const layers = leafLayers(model);
  for (const layer of layers) {
    const { call } = layer;
    layer.call = (given, args) => {
      running = layer.name;
      try {
        return call.call(layer, given, args);
      } finally {
        running = undefined;
      }
    };
  }
  try {
    tfc.tidy(() => {
      model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false });
    });
  } finally {
    delete (engine as Partial<typeof engine>).runKernel;
    for (const layer of layers) delete (layer as Partial<typeof layer>).call;
  }
  return [...found];
}
