import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const hasAutocannon = () => {
  try {
    createRequire(import.meta.url).resolve('autocannon')
    return true
  } catch {
    return false
  }
}

const hasAiohttp = python =>
  promisify(execFile)(python, ['-c', 'import aiohttp']).then(
    () => true,
    () => false,
  )

/** The clients that can be compared here, and a line for each that cannot. */
export const availableClients = async python => {
  const optional = [
    ['autocannon', hasAutocannon(), 'without autocannon, which is not installed: npm i --no-save autocannon'],
    [
      'aiohttp',
      await hasAiohttp(python),
      `without aiohttp, which ${python} does not have: --python PATH names another`,
    ],
  ]
  return {
    names: ['ours', 'bare', 'unparsed', 'request', 'fetch', ...optional.flatMap(([name, is]) => (is ? [name] : []))],
    missing: optional.flatMap(([, is, line]) => (is ? [] : [line])),
  }
}
