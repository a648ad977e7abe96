import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fixed } from '../table.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const npm = async (cwd, ...args) => (await promisify(execFile)('npm', args, { cwd })).stdout

const sizeMb = directory => {
  let bytes = 0
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath ?? entry.path, entry.name)).size
  }
  return bytes / 2 ** 20
}

const installInto = async (directory, tarball, cache) => {
  mkdirSync(directory)
  writeFileSync(join(directory, 'package.json'), '{"private":true}')
  const startMs = performance.now()
  await npm(directory, 'install', '--omit=optional', '--no-audit', '--no-fund', '--cache', cache, tarball)
  return performance.now() - startMs
}

/** The packages of an install, ours included. */
const packageCount = directory => {
  const lock = JSON.parse(readFileSync(join(directory, 'node_modules/.package-lock.json'), 'utf8'))
  return Object.keys(lock.packages).length
}

/** What an install of the packed tarball downloads, and how long it takes, where nothing is compiled. */
export const install = {
  name: 'install',
  title: 'Install of the packed tarball, --omit=optional: no compiler',
  measure: async () => {
    const work = mkdtempSync(join(tmpdir(), 'evalscope-install-'))
    try {
      // Built before; the build that packing starts would take the files from under other runs.
      const packed = await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', work)
      const [{ filename, size }] = JSON.parse(packed)
      const [tarball, cache] = [join(work, filename), join(work, 'cache')]
      const coldMs = await installInto(join(work, 'cold'), tarball, cache)
      const downloadedMb = sizeMb(join(cache, '_cacache/content-v2'))
      const warmMs = await installInto(join(work, 'warm'), tarball, cache)
      return {
        tarballMb: size / 2 ** 20,
        downloadedMb,
        installedMb: sizeMb(join(work, 'cold/node_modules')),
        packages: packageCount(join(work, 'cold')),
        coldMs,
        warmMs,
      }
    } catch (error) {
      return { failure: String(error.stderr ?? error).split('\n')[0] }
    } finally {
      rmSync(work, { recursive: true })
    }
  },
  lines: ({ failure, tarballMb, downloadedMb, installedMb, packages, coldMs, warmMs }) =>
    failure !== undefined
      ? [`no install here: ${failure}`]
      : [
          `tarball ${fixed(tarballMb, 2)} MB, downloaded with it ${fixed(downloadedMb, 1)} MB, node_modules ${fixed(installedMb, 1)} MB in ${packages} packages`,
          `${fixed(coldMs / 1000, 1)} s with an empty cache (the registry's speed is in it), ${fixed(warmMs / 1000, 1)} s with a full one`,
        ],
}
