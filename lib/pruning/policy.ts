/**
 * Which layers may be pruned, by name and class. Default: every layer whose class the registry knows; layers without a
 * prunable weight are wrapped as well, as TFMOT does, and left as they are.
 */
export type Policy = (layer: { name: string; className: string }) => boolean;
