import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OutputError, reasonOf } from '../errors.ts'
import type { Comparison } from '../model/comparison.ts'
import { comparisonPicture } from '../report/pictures/comparison-picture.ts'
import { makeWithParents } from './output-directory.ts'
import { writePicture } from './pictures.ts'

/**
 * Writes `comparison.svg` and `comparison.png` into a directory, which is made where it is missing; beside older ones
 * they are called `comparison_2`. `say` hears where they are, or why they are not.
 */
export const writeComparisonPicture = async (
  directory: string,
  comparison: Comparison,
  say: (line: string) => void,
): Promise<void> => {
  try {
    makeWithParents(directory)
    if (!statSync(directory).isDirectory()) throw new Error('it is not a directory')
  } catch (error) {
    throw new OutputError(`cannot make ${directory}: ${reasonOf(error)}`, { cause: error })
  }
  const paths = await writePicture(directory, freeName(directory), () => comparisonPicture(comparison), say)
  if (paths.length > 0) say(`picture: ${paths.join(' ')}`)
}

const freeName = (directory: string): string => {
  const nameOf = (count: number): string => (count === 1 ? 'comparison' : `comparison_${count}`)
  const isThere = (name: string): boolean =>
    ['svg', 'png'].some(ending => existsSync(join(directory, `${name}.${ending}`)))
  let count = 1
  while (isThere(nameOf(count))) count++
  return nameOf(count)
}
