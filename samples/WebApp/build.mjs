// Puts the page and its bundled script into a folder: node build.mjs FOLDER
import { copyFile, mkdir } from 'node:fs/promises';
import { build } from 'esbuild';

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
await build({
  entryPoints: ['page/page.mjs'],
  outfile: `${folder}/page.js`,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'warning',
});
for (const file of ['index.html', 'page.css']) {
  await copyFile(`page/${file}`, `${folder}/${file}`);
}
