// A registry mirror that does not carry every platform's binaries makes npm leave their packages out of the lock file,
// and `npm ci` then refuses that file on every platform. This puts them back: versions are those their parents name,
// platforms are in their names. Run it after `npm install` when `npm ci` says "Missing: … from lock file".
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const LIBRARIES = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** What a platform package says about itself, read from its name: `@biomejs/cli-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const one = (known) => words.filter((word) => known.includes(word)).slice(-1);
  const libc = words.flatMap((word) => LIBRARIES[word] ?? []);
  return { cpu: one(PROCESSORS), os: one(SYSTEMS), libc };
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const top = `node_modules/${name}`;
    const own = `${path}/${top}`;
    if (lock.packages[own] !== undefined || lock.packages[top]?.version === version) continue;
    // Another version at the top is somebody else's.
    const place = lock.packages[top] === undefined ? top : own;
    const { cpu, os, libc } = platformOf(name);
    if (!/^\d/.test(version) || cpu.length + os.length === 0) continue;
    lock.packages[place] = {
      version,
      ...(cpu.length > 0 && { cpu }),
      ...(entry.dev && { dev: true }),
      ...(libc.length > 0 && { libc }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
    added.push(place);
  }
}
const packages = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(packages);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'nothing was missing' : `added ${added.join(', ')}`);
