import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, filesIn } from '../support/cli.ts'

const cli = createCli()

/** Runs one request in a directory that stands in one of its own; `argv` comes behind the target. */
const perf = async (model: string, argv: readonly string[]): Promise<Finished> => {
  const server = await startChatServer({ models: [model] })
  const directory = join(cli.freshDirectory(), 'work')
  mkdirSync(directory)
  const finished = await cli.run(['perf', '--url', server.url, '-n', '1', '--no-timestamp', ...argv], { directory })
  await server.close()
  return finished
}

/** The directories in which results of a run stand. */
const placesIn = (directory: string): string[] =>
  filesIn(directory)
    .filter(path => path.endsWith('benchmark_data.db'))
    .map(path => path.slice(directory.length + 1).replace('/parallel_1_number_1/benchmark_data.db', ''))

/** Results stand in one directory below `outputs`, nothing anywhere else, and a terminal is told nothing but text. */
const expectOnePlace = ({ code, stdout, stderr, directory }: Finished): string => {
  expect(code).toBe(0)
  const [place = '', ...others] = placesIn(directory)
  expect(others).toEqual([])
  expect(readdirSync(join(directory, '..'))).toEqual(['work'])
  expect(readdirSync(directory)).toEqual(['outputs'])
  expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  // What is shown can be opened.
  const [, shown = ''] = /^Result DB path: (.*)$/m.exec(stdout) ?? []
  expect(existsSync(join(directory, shown))).toBe(true)
  return place
}

const names: readonly (readonly [what: string, name: string, level: string])[] = [
  ['that leads upwards, and colours', '../../../up\u001b[31m/and \u009b31maway', 'and _31maway'],
  ['that is long', '模型 🙂'.repeat(100), '模型 🙂'.repeat(18)],
  ['that turns the text', 'right\u202eto left\n', 'right_to left_'],
]

describe.concurrent('what a name cannot do', () => {
  test.each(names)('of the only model of a server, %s', async (_, name, level) => {
    expect(expectOnePlace(await perf(name, []))).toBe(`outputs/${level}`)
  })

  test.each(['nul\0inside', '///'])('of the only model of a server, %j', async name => {
    expect(expectOnePlace(await perf(name, []))).toMatch(/^outputs\/[^/]+$/)
  })

  test('of --name', async () => {
    const finished = await perf('m', ['--name', '../..\u001b[31m/etc'])
    expect(expectOnePlace(finished)).toBe('outputs/.._.._[31m_etc')
  })

  test('of --outputs-dir with blanks, signs and characters of all kinds', async () => {
    const place = `out puts/"quoted" 'too'/$HOME; rm -rf */模型 🙂/%2e%2e`
    const { code, stdout, directory } = await perf('m', ['--outputs-dir', place])
    expect(code).toBe(0)
    expect(placesIn(directory)).toEqual([`${place}/m`])
    expect(stdout).toContain(`Result DB path: ${place}/m/`)
  })

  test('of --outputs-dir that no file system takes, which is one line', async () => {
    const { code, stdout, stderr } = await perf('m', ['--outputs-dir', 'x'.repeat(300)])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^evalscope: cannot write to x+\/m: ENAMETOOLONG.*; give another --outputs-dir$/m)
  })
})
