import './one-thread.ts';

export { tensorflowVersions, tf } from '../../../bench/engines/load-tfjs-node.ts';
