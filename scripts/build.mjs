// Compiles src/, nodes/ and bench/ into dist/, the AssemblyScript in src/*/kernels to WebAssembly, and lays what is not TypeScript beside it:
// editor files and locales, icons, drawings. Fails on the first type error.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// 1. Nothing stale: a file that was deleted in the sources must not live on.
rmSync(dist, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, '-p', root], { stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said why
}

// 2. The loops that are WebAssembly: from AssemblyScript, the same bytes at every run.
const asc = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
for (const room of ['image', 'networks']) {
  const kernels = path.join('src', room, 'kernels');
  execFileSync(
    process.execPath,
    [
      asc,
      path.join(root, kernels, 'assembly', 'index.ts'),
      ...['-o', path.join(dist, kernels, 'kernels.wasm')],
      ...['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd'],
    ],
    { stdio: 'inherit' },
  );
}

// 3. What the compilers leave behind.
for (const folder of ['src', 'nodes']) {
  cpSync(path.join(root, folder), path.join(dist, folder), {
    recursive: true,
    filter: (source) => !source.endsWith('.ts') && path.basename(source) !== 'assembly',
  });
}

// 4. Node-RED looks for icons beside each node.
for (const icon of readdirSync(path.join(root, 'icons')).filter((name) => name.endsWith('.svg'))) {
  const node = path.join(dist, 'nodes', path.basename(icon, '.svg'));
  if (existsSync(node)) {
    mkdirSync(path.join(node, 'icons'), { recursive: true });
    cpSync(path.join(root, 'icons', icon), path.join(node, 'icons', icon));
  }
}

// 5. The native engine of this checkout, where `npm run native` has built it: found as an installed peer would be.
const native = path.join(root, '.native', 'node_modules', '@tensorflow', 'tfjs-node');
if (existsSync(native)) {
  const link = path.join(dist, 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(path.dirname(link), { recursive: true });
  // The package alone: what it depends on must not come before our own dependencies.
  symlinkSync(path.relative(path.dirname(link), native), link, 'junction');
}
