import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
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

test.runIf(existsSync('/proc/self/stat'))('one that has ended is not at work while nobody takes notice', async () => {
  // The shell becomes a program that never asks what became of the other.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)))
    const fields = (): readonly string[] => (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ')
    const [boot] = thisProcess().start?.split('-') ?? []
    const process = { pid, start: `${boot}-${fields()[19]}` }
    expect(isAlive(process)).toBe(true)
    await expect.poll(() => fields()[0], { timeout: 10_000, interval: 10 }).toBe('Z')
    expect(isAlive(process)).toBe(false)
  } finally {
    parent.kill('SIGKILL')
  }
})
