import { listFiles, readLines } from './files.ts';

const headersOfIntrinsics = /^(?:[a-z]*intrin\.h|arm_neon\.h|arm_sve\.h|wasm_simd128\.h|simde\/.*)$/;
const headersOfNode = /^(?:napi\.h|node_api\.h|js_native_api\.h|uv\.h|v8\.h|node\.h)$/;
const callOfIntrinsic =
  /\b(?:_mm\d*_\w+\(|__m(?:128|256|512)[di]?\b|u?int(?:8|16|32|64)x\d+(?:x\d)?_t\b|float(?:32|64)x\d+(?:x\d)?_t\b|\bv(?:ld|st)1q?_\w+\(|wasm_f32x4_\w+\()/;
/** `<arch>_<isa>.cc`, and headers of the same names that only those files include. */
const isaFile = /\/((?:x86|arm|wasm)_(?:avx2_fma|avx512|neon|simd128))\.(?:cc|h)$/;

/** Families that are built on another one. */
const familyUses: Readonly<Record<string, readonly string[]>> = {
  depthwise: ['stage', 'window'],
  mask: ['select'],
  rank_mask: ['mask', 'select'],
  stage: ['window'],
};

/** Folders that a file of native/ may include from. */
function allowedFor(file: string): string[] {
  const [, folder = '', family = ''] = file.split('/');
  switch (folder) {
    case 'core':
      return ['core'];
    case 'kernels': {
      if (file.split('/').length === 3) return ['core'];
      const families = [family, 'vec', ...(familyUses[family] ?? [])];
      return ['core', ...families.map((name) => `kernels/${name}`)];
    }
    case 'session':
      return ['session', 'kernels', 'core'];
    case 'binding':
      return ['binding', 'session', 'kernels', 'core'];
    default:
      return ['binding']; // addon.cc
  }
}

function includeFault(file: string, header: string, quoted: boolean): string | undefined {
  if (headersOfNode.test(header) && file !== 'native/binding/napi_setup.h')
    return `includes ${header}: only binding/napi_setup.h does`;
  if (headersOfIntrinsics.test(header) && !isaFile.test(file))
    return `includes ${header}: intrinsics belong into <arch>_<isa>.cc`;
  if (!quoted) return undefined;
  if (!header.includes('/')) return `includes "${header}": write its path from native/`;
  const isaOfHeader = isaFile.exec(`/${header}`)?.[1];
  if (isaOfHeader !== undefined && isaFile.exec(file)?.[1] !== isaOfHeader)
    return `includes ${header}, which is for files named ${isaOfHeader}.cc`;
  // A table or a header directly in kernels/ belongs to all families.
  if (/^kernels\/[^/]+$/.test(header) && file.startsWith('native/kernels/')) return undefined;
  const allowed = allowedFor(file);
  const fits = allowed.some((folder) => header.startsWith(`${folder}/`));
  return fits ? undefined : `includes ${header}: it may include ${allowed.join(', ')}`;
}

/** Which folder of native/ may include which; where Node's headers and intrinsics may appear. */
export function checkNativeArrows(root: string): string[] {
  const problems: string[] = [];
  for (const file of listFiles(root, 'native', /\.(?:cc|h|inc)$/)) {
    for (const [index, line] of readLines(root, file).entries()) {
      const include = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(line);
      const fault =
        include === null
          ? callOfIntrinsic.test(line.replace(/\/\/.*/, '')) && !isaFile.test(file)
            ? 'uses an intrinsic: these belong into <arch>_<isa>.cc'
            : undefined
          : includeFault(file, include[2]!, include[1] === '"');
      if (fault !== undefined) problems.push(`${file}:${index + 1}: ${fault}`);
    }
  }
  return problems;
}
