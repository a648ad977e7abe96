import { afterEach, expect, test, vi } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { StatusLine } from '../../../src/report/status-line.ts'
import { examine } from '../../../src/run/doctor/examine.ts'
import { explainFailure, startServer } from '../../../src/run/doctor/workplace.ts'
import { StoreError } from '../../../src/store/sqlite.ts'

afterEach(() => vi.unstubAllEnvs())

test('a place for temporary files that cannot be written ends the doctor with a line, before anything is measured', async () => {
  vi.stubEnv('TMPDIR', '/nonexistent/tmp')
  const status = new StatusLine(process.stderr)
  const lastActs = new Set<() => void>()
  const failure: unknown = await examine({ isQuick: true, status, lastActs }).catch(error => error)
  expect(failure).toBeInstanceOf(UserError)
  expect((failure as Error).message).toMatch(
    /^doctor cannot write to \/nonexistent\/tmp: ENOENT.*; set TMPDIR to a directory with room/,
  )
  expect(lastActs.size).toBe(0)
})

test('a server that does not start does so, too', async () => {
  const failing = () => Promise.reject(new Error('the simulated server did not start: it ended at once (1)'))
  await expect(startServer('own', 10, failing)).rejects.toThrow(UserError)
  await expect(startServer('own', 10, failing)).rejects.toThrow(
    'doctor has nothing to measure against: the simulated server did not start: it ended at once (1); see that',
  )
})

test('so does a disk that is full, while what is no mistake of the user stays what it is', () => {
  vi.stubEnv('TMPDIR', '/tmp/here')
  const full = new StoreError('cannot write database /tmp/here/x/own-1.db: full; it holds the first 9 rows only', {
    cause: new Error('database or disk is full'),
  })
  expect(explainFailure(full, '/tmp/here/x')).toMatchObject({
    message: 'doctor cannot write to /tmp/here: database or disk is full; set TMPDIR to a directory with room',
    exitCode: 2,
  })
  const bug = new TypeError('x is not a function')
  expect(explainFailure(bug, '/tmp/here/x')).toBe(bug)
})
