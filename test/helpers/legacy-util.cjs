// tfjs-node 4.22 calls helpers of node:util that Node 23 removed.
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
