import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { isAlive, thisProcess } from '../../src/run/run-process.ts'

test('this process is alive, and one of its number that was started at another time is not', () => {
  const own = thisProcess()
  expect(own.pid).toBe(process.pid)
  expect(isAlive(own)).toBe(true)
  expect(isAlive({ ...own, start: 'another' })).toBe(false)
})

test('where the system does not tell when a process was started, its number has to do', async () => {
  expect(isAlive({ pid: process.pid, start: null })).toBe(true)
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise(resolve => child.once('close', resolve))
  expect(isAlive({ pid: child.pid as number, start: null })).toBe(false)
  expect(isAlive({ pid: 2 ** 40, start: null })).toBe(false)
})
