// Installs what the tests of --api local need, unless it is there. Its own scripts would fetch more from elsewhere.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const versionIn = (file, versionOf) =>
  existsSync(here + file) ? versionOf(JSON.parse(readFileSync(here + file, 'utf8'))) : undefined

const name = '@huggingface/transformers'
const wanted = versionIn('package.json', content => content.devDependencies[name])
const found = versionIn(`node_modules/${name}/package.json`, content => content.version)
if (wanted !== found) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status } = spawnSync(npm, ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`test:local: ${name} ${wanted} could not be installed; it needs the npm registry once, for 474 MB`)
    process.exit(1)
  }
}
