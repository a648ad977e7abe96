import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../errors.ts'
import type { RunResult } from '../model/result.ts'
import { drawPng } from '../report/pictures/draw-png.ts'
import { drawSvg } from '../report/pictures/draw-svg.ts'
import { type LoadPicture, loadPanels, loadPanelsSize } from '../report/pictures/load-panels.ts'
import { performancePicture } from '../report/pictures/performance-picture.ts'
import { writeFileText } from './result-files.ts'

type Say = (line: string) => void

/**
 * Writes a picture as `NAME.svg` and `NAME.png`, and gives the paths. One that cannot be made costs one line, and nothing
 * that was measured.
 */
export const writePicture = async (
  directory: string,
  name: string,
  makePicture: () => LoadPicture,
  say: Say,
): Promise<readonly string[]> => {
  const paths: string[] = []
  try {
    const picture = makePicture()
    const svg = await drawSvg(loadPanels(picture), loadPanelsSize(picture))
    paths.push(writeFileText(join(directory, `${name}.svg`), svg))
    const { png, notice } = await drawPng(svg)
    if (notice !== undefined) say(notice)
    if (png !== undefined) paths.push(writeFileText(join(directory, `${name}.png`), png))
  } catch (error) {
    say(`${name}.${paths.length === 0 ? 'svg' : 'png'} is not written: ${reasonOf(error)}`)
  }
  return paths
}

/** `performance_metrics`: the picture of a benchmark. */
export const writePlots = (directory: string, results: readonly RunResult[], say: Say): Promise<readonly string[]> =>
  writePicture(directory, plotsName, () => performancePicture(results), say)

/** The same beside the pictures of earlier benchmarks in the directory: then it is `performance_metrics_2`. */
export const writeOwnPlots = (
  directory: string,
  results: readonly RunResult[],
  say: Say,
): Promise<readonly string[]> => {
  const nameOf = (count: number): string => (count === 1 ? plotsName : `${plotsName}_${count}`)
  const isThere = (name: string): boolean =>
    ['svg', 'png'].some(ending => existsSync(join(directory, `${name}.${ending}`)))
  let count = 1
  while (isThere(nameOf(count))) count++
  return writePicture(directory, nameOf(count), () => performancePicture(results), say)
}

const plotsName = 'performance_metrics'
