import { isPlainActivation } from '../plan/activations.ts';
import { camelCase, type LayerConfig } from './layer-config.ts';
import type { NamedActivation } from './ops/activations.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/**
 * The `activation` attribute of a layer; missing means linear.
 *
 * The names mean what TF.js 4.22 computes: `gelu` is x · Φ(x) by the error function (its `gelu_new` is the tanh
 * approximation), `hardSigmoid` is clip(0.2 x + 0.5, 0, 1), and in a Keras 3 model clip(x / 6 + 0.5, 0, 1), as Keras has it.
 *
 * @throws {@link UnsupportedFeature} for an activation that no step computes
 */
export function readActivation(config: LayerConfig, key = 'activation'): NamedActivation {
  const given = config.get(key) ?? 'linear';
  const { name, parameters } = unwrap(given);
  if (name === undefined) throw config.wrong(key, 'the name of an activation', given);
  if (name === 'softmax' || name === 'logSoftmax') return { type: name };
  if (name === 'geluNew') return { type: 'geluTanh' };
  if (name === 'silu') return { type: 'swish' };
  if (name === 'leakyRelu') return { type: 'leakyRelu', alpha: slopeOf(parameters) };
  if (name === 'hardSigmoid' && config.dialect === 'keras3') return { type: 'hardSigmoid6' };
  if (!isPlainActivation(name)) {
    throw new UnsupportedFeature(`activation "${name}" has no native step; ${keepInTensorFlow}`);
  }
  return { type: name };
}

/** Keras writes an activation as a name, or as an object with a name and a config. */
function unwrap(given: unknown): { name?: string; parameters: Readonly<Record<string, unknown>> } {
  if (typeof given === 'string') return { name: camelCase(given), parameters: {} };
  if (typeof given !== 'object' || given === null) return { parameters: {} };
  const { class_name, className, config } = given as Record<string, unknown>;
  const name = [class_name, className, config].find((candidate) => typeof candidate === 'string');
  if (typeof name !== 'string') return { parameters: {} };
  // `{class_name: 'function', config: 'relu'}` is how Keras writes a plain function.
  const isFunction = name === 'function' && typeof config === 'string';
  return {
    name: decapitalize(camelCase(isFunction ? config : name)),
    parameters: typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {},
  };
}

function slopeOf(parameters: Readonly<Record<string, unknown>>): number {
  const slope = parameters.negative_slope ?? parameters.alpha;
  // 0.2 is the default of the function (the layer's is 0.3).
  return typeof slope === 'number' && Number.isFinite(slope) ? slope : 0.2;
}

function decapitalize(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
