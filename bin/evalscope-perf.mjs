#!/usr/bin/env node
// The same program by another name, which it is told in the place of a command.
process.argv.splice(2, 0, 'evalscope-perf')
import('./evalscope.mjs')
