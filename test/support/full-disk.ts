import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A command line for `through`: files of the program behind it may grow to so many KiB, where a write then fails. */
export const filesUpTo = (kib: number): readonly string[] => ['sh', '-c', `ulimit -f ${2 * kib}; exec "$@"`, 'sh']

/** A disk of its own in memory. */
export interface SmallDisk {
  readonly path: string
  remove(): void
}

/** Mounts one with these options of `tmpfs`, such as `size=64k`; undefined where that is not allowed. */
export const mountDisk = (options: string): SmallDisk | undefined => {
  const path = mkdtempSync(join(tmpdir(), 'evalscope-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' }).status === 0
  const remove = (): void => {
    if (mounted) spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  }
  if (mounted) return { path, remove }
  remove()
  return undefined
}
