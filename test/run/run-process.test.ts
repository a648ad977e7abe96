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

test.runIf(existsSync('/proc/self/stat'))('one that was killed is not at work while nobody has taken notice', () => {
  // The shell starts a program, becomes another one that waits for nobody, and so leaves a zombie.
  const script = 'sh -c "kill -9 \\$\\$" & echo $!; exec sleep 5'
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  return new Promise<void>((resolve, reject) => {
    parent.stdout.once('data', (text: Buffer) => {
      const pid = Number(String(text))
      const look = (tries: number): void => {
        const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
        if (state !== 'Z' && tries > 0) return void setTimeout(look, 10, tries - 1)
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
        const boot = thisProcess().start?.split('-')[0]
        parent.kill('SIGKILL')
        try {
          expect(state).toBe('Z')
          expect(isAlive({ pid, start: `${boot}-${started}` })).toBe(false)
          resolve()
        } catch (error) {
          reject(error as Error)
        }
      }
      look(200)
    })
  })
})
