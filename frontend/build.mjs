// Build the bundle into webapp/static/dist/, or the folder named first: files under hashed names,
// packed with Brotli and gzip, a manifest from plain names to hashed ones, and the licences.
// The same sources give the same bytes on every machine; a test holds us to it.

import { build } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = import.meta.dirname;
const target = resolve(process.argv[2] ?? join(here, '../webapp/static/dist'));

// CodeMirror writes its styles into the page, which our content security policy stops; given to
// the document as a sheet, as it does in a shadow tree, they are let through.
const asSheets = {
  name: 'styles as sheets',
  setup(building) {
    building.onLoad({ filter: /style-mod[\\/]src[\\/]style-mod\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace('!root.head && root.adoptedStyleSheets', 'root.adoptedStyleSheets');
      if (contents === source) throw new Error('style-mod has changed: see how it writes its styles');
      return { contents };
    });
  },
};

const { metafile, outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ['src/viewer.js', 'src/editor.js', 'src/tables.js', 'src/htmx.js'],
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file' },
  plugins: [asSheets],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none', // they stand in LICENSES.txt
  metafile: true,
  write: false,
  logLevel: 'warning',
});

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const manifest = {};
for (const { path, contents } of outputFiles) {
  const name = basename(path);
  manifest[name.replace(/-[A-Z0-9]{8}(?=\.)/, '')] = name;
  write(name, contents);
  if (name.endsWith('.woff2')) continue; // packed as it is
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  const packed = brotliCompressSync(contents, { params: size });
  write(`${name}.br`, packed);
  console.log(`${(packed.length / 1000).toFixed(1).padStart(7)} kB brotli  ${name}`);
  write(`${name}.gz`, gzipSync(contents, { level: 9 }));
}
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
write('manifest.json', `${JSON.stringify(sorted, null, 2)}\n`);
write('LICENSES.txt', licences());

function write(name, contents) {
  writeFileSync(join(target, name), contents);
}

/** The licence of every package that is in the bundle, as its author wrote it. */
function licences() {
  const folder = /^(?:\.\.\/)*node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const packages = new Set(
    Object.keys(metafile.inputs).map((path) => path.match(folder)?.[1]).filter(Boolean),
  );
  return [...packages].sort().map(licence).join(`\n${'-'.repeat(72)}\n\n`);
}

function licence(name) {
  const root = join(here, 'node_modules', name);
  const { version, license, author } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = readdirSync(root).find((found) => /^licen[cs]e/i.test(found));
  const whose = author?.name ?? author ?? `the authors of ${name}`;
  if (!file && license !== 'MIT') throw new Error(`${name} carries no licence text`);
  const text = file ? readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n').trim() : mit(whose);
  return `${name} ${version} (${license})\n\n${text}\n`;
}

/** The terms of a package that names them and forgot to carry their text. */
function mit(whose) {
  const carrier = readFileSync(join(here, 'node_modules/min-dash/LICENSE'), 'utf8').replaceAll('\r\n', '\n');
  return `Copyright (c) ${whose}\n\n${carrier.slice(carrier.indexOf('Permission is hereby granted')).trim()}`;
}
