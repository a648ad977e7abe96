// Preloaded, it makes a program find no better-sqlite3, as where none could be installed.
const Module = require('node:module')

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  if (/^better-sqlite3(\/|$)/.test(request)) throw new Error(`${request} is hidden`)
  return resolve.call(this, request, ...rest)
}
