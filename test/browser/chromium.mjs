// Finds a Chromium. As a program it installs the one of Debian where there is none and that is possible.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const isProgram = path => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = name =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map(directory => join(directory, name))
    .find(isProgram)

/** The path of a Chromium, given as CHROMIUM or on the PATH; undefined without one. */
export const findChromium = () => process.env.CHROMIUM || names.map(onPath).find(path => path !== undefined)

const install = () => {
  if (findChromium() !== undefined) return
  const canInstall = process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get') !== undefined
  const run = args => canInstall && spawnSync('apt-get', args, { stdio: 'inherit' }).status === 0
  if (run(['update']) && run(['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'])) return
  console.error(
    'test:browser: there is no chromium on the PATH; its tests are left out. CHROMIUM=/path/to/it names one.',
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) install()
