import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';

function parse(root: string, file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

/** All nodes of a tree for which `pick` gives something. */
function collect<T>(node: ts.Node, pick: (node: ts.Node) => T | undefined): T[] {
  const picked = pick(node);
  const found: T[] = picked === undefined ? [] : [picked];
  ts.forEachChild(node, (child) => void found.push(...collect(child, pick)));
  return found;
}

function namesInCpp(root: string, file: string, pattern: RegExp): string[] {
  const text = readFileSync(path.join(root, file), 'utf8').replace(/\/\/.*$/gm, '');
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}

/** Members of the interface NativeBindings. */
function typedNames(root: string): string[] {
  return collect(parse(root, 'lib/native/bindings.ts'), (node) =>
    ts.isInterfaceDeclaration(node) && node.name.text === 'NativeBindings' ? node : undefined,
  ).flatMap((declaration) => declaration.members.map((member) => member.name?.getText() ?? '?'));
}

/** Texts of the `type` property anywhere in PlanActivation. */
function planActivations(root: string): string[] {
  const alias = collect(parse(root, 'lib/plan/plan.ts'), (node) =>
    ts.isTypeAliasDeclaration(node) && node.name.text === 'PlanActivation' ? node : undefined,
  );
  return alias.flatMap((declaration) =>
    collect(declaration, (node) =>
      ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal) ? node.literal.text : undefined,
    ),
  );
}

function errorCodes(root: string): string[] {
  return collect(parse(root, 'lib/errors.ts'), (node) =>
    ts.isPropertyAssignment(node) && node.name.getText().startsWith('ERR_SPARSE_')
      ? node.name.getText()
      : undefined,
  );
}

function missing(from: readonly string[], in_: readonly string[]): string[] {
  return from.filter((name) => !in_.includes(name));
}

/** Names in one list and not in the other, both ways. */
function differences(a: readonly string[], aName: string, b: readonly string[], bName: string): string[] {
  return [
    ...missing(a, b).map((name) => `"${name}" is in ${aName} and not in ${bName}`),
    ...missing(b, a).map((name) => `"${name}" is in ${bName} and not in ${aName}`),
  ];
}

/**
 * The two sides of the addon agree: names in its export table, in the typed surface and in the loaded binary; status
 * codes; activations.
 */
export function checkBoundary(root: string): string[] {
  const table = namesInCpp(root, 'native/addon.cc', /\b(?:add|exports\.Set)\(\s*"(\w+)"/g);
  const typed = typedNames(root);
  const problems = differences(table, 'native/addon.cc', typed, 'lib/native/bindings.ts');
  if (table.length === 0) problems.push('native/addon.cc: no exported name was found');

  const codes = namesInCpp(root, 'native/core/status.inc', /^SPARSE_STATUS\(\w+, "(\w+)"\)/gm);
  problems.push(
    ...missing(codes, errorCodes(root)).map(
      (code) => `"${code}" of native/core/status.inc is not in lib/errors.ts`,
    ),
  );
  const activations = namesInCpp(root, 'native/kernels/epilogue.inc', /^SPARSE_ACTIVATION\(\w+, "(\w+)"\)/gm);
  problems.push(
    ...differences(
      activations,
      'native/kernels/epilogue.inc',
      planActivations(root),
      'PlanActivation of lib/plan/plan.ts',
    ),
  );

  const binary = path.join(root, 'build', 'Release', 'tfjs_sparse.node');
  if (!existsSync(binary)) return [...problems, 'the addon is not built: npm run build:native'];
  const loaded = createRequire(import.meta.url)(binary) as {
    tables(): { activations: string[]; statusCodes: string[] };
  };
  problems.push(...differences(Object.keys(loaded), 'the built addon', typed, 'lib/native/bindings.ts'));
  const tables = loaded.tables();
  problems.push(
    ...differences(tables.activations, 'the built addon', activations, 'native/kernels/epilogue.inc'),
  );
  problems.push(...differences(tables.statusCodes, 'the built addon', codes, 'native/core/status.inc'));
  return problems;
}
