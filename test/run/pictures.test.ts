import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeOwnPlots, writePicture } from '../../src/run/pictures.ts'
import { k14Results } from '../report/results.ts'
import { temporaryDirectory } from '../store/records.ts'

const names = ['performance_metrics.png', 'performance_metrics.svg']

test('plots leave those of an earlier benchmark in the directory as they are', async () => {
  const directory = temporaryDirectory()
  const say = (line: string): void => expect.unreachable(line)
  expect(await writeOwnPlots(directory, k14Results, say)).toEqual(names.toReversed().map(name => join(directory, name)))
  await writeOwnPlots(directory, k14Results, say)
  expect(readdirSync(directory).sort()).toEqual([
    ...['performance_metrics.png', 'performance_metrics.svg'],
    ...['performance_metrics_2.png', 'performance_metrics_2.svg'],
  ])
})

test('a picture that cannot be written, or made, costs one line', async () => {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const directory = temporaryDirectory()
  expect(await writeOwnPlots(join(directory, 'gone'), k14Results, say)).toEqual([])
  expect(await writeOwnPlots(directory, [], say)).toEqual([])
  const broken = (): never => {
    throw new Error('no picture')
  }
  expect(await writePicture(directory, 'x', broken, say)).toEqual([])
  expect(lines).toEqual([
    expect.stringMatching(/^performance_metrics\.svg is not written: cannot write .*gone/),
    'performance_metrics.svg is not written: a picture needs a run',
    'x.svg is not written: no picture',
  ])
  expect(readdirSync(directory)).toEqual([])
})
