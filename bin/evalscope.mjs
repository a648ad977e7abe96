#!/usr/bin/env node
// In the syntax of old Nodes, so that they can read it and say what is wrong.
import { existsSync } from 'node:fs'

const [major, minor, patch] = process.versions.node.split('.').map(Number)
const program = new URL('../dist/cli/program.js', import.meta.url)

if (major < 20 || (major === 20 && (minor < 18 || (minor === 18 && patch < 1)))) {
  process.stderr.write(`evalscope: needs Node 20.18.1 or newer, this is ${process.version}; please update Node\n`)
  process.exitCode = 2
} else if (!existsSync(program)) {
  process.stderr.write('evalscope: dist is missing; run "npm run build" in its directory first\n')
  process.exitCode = 2
} else {
  import(program.href).then(({ guardProcess, main }) => {
    guardProcess()
    return main(process.argv.slice(2)).then(code => {
      if (code !== 0) process.exitCode = code
      // All is done and told: what is still alive, as a plugin may have left it, must not keep the process.
      setTimeout(() => process.exit(), 5000).unref()
    })
  })
}
