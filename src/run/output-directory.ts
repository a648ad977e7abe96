import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Arguments } from '../arguments/arguments.ts'
import { ArgumentsError, reasonOf } from '../errors.ts'
import type { RunPlan } from '../model/run-plan.ts'

/** Name of the database in a run's directory. */
export const databaseName = 'benchmark_data.db'

/**
 * Makes `<outputs-dir>/<YYYYmmdd_HHMMSS>/<name or model>` and gives its path; runs make their own directories in it.
 * Refuses to write where results stand already.
 */
export const createOutputDirectory = (args: Arguments, plans: readonly RunPlan[], startedAt: Date): string => {
  const { outputsDir, noTimestamp, name } = args.values
  const parent = noTimestamp ? outputsDir : makeOwnDirectory(outputsDir, timestamp(startedAt))
  const root = join(parent, safeName(name ?? modelId(plans[0]?.model ?? '')))
  for (const plan of plans) refuseResults(join(root, plan.name))
  makeDirectory(root)
  return root
}

/** The same refusals before any work is done, as far as flags alone tell the directory. */
export const checkOutputDirectory = ({ values }: Arguments, plans: readonly RunPlan[]): void => {
  const { outputsDir, noTimestamp, name, model } = values
  const level = name ?? (model === undefined ? undefined : modelId(model))
  if (noTimestamp && level !== undefined) {
    for (const plan of plans) refuseResults(join(outputsDir, safeName(level), plan.name))
  }
  refuseUnwritable(outputsDir)
}

/** What nobody could make again. */
const resultNames = [databaseName, 'benchmark_summary.json', 'benchmark_percentile.json']

const refuseResults = (directory: string): void => {
  if (!resultNames.some(name => existsSync(join(directory, name)))) return
  throw new ArgumentsError(`${directory} holds results already; give another --name or --outputs-dir, or remove it`)
}

/** The directory, or where it would be made. */
const refuseUnwritable = (path: string): void => {
  try {
    if (statSync(existingPart(path)).isDirectory()) accessSync(existingPart(path), constants.W_OK)
    else throw new Error(`${existingPart(path)} is not a directory`)
  } catch (error) {
    throw unwritable(path, error)
  }
}

const existingPart = (path: string): string => {
  const parent = dirname(path)
  return existsSync(path) || parent === path ? path : existingPart(parent)
}

const unwritable = (path: string, error: unknown): ArgumentsError =>
  new ArgumentsError(`cannot write to ${path}: ${reasonOf(error)}; give another --outputs-dir`, { cause: error })

/** Where the log of a server that we start goes: `<outputs-dir>/vllm_8877_<YYYYmmdd_HHMMSS>.log`. */
export const serverLogPath = (outputsDir: string, name: string, startedAt: Date): string => {
  makeDirectory(outputsDir)
  return join(outputsDir, `${name}_${timestamp(startedAt)}.log`)
}

/** Makes the directory of one run; it may be there, without results, also those of somebody who came meanwhile. */
export const createRunDirectory = (outputPath: string, plan: RunPlan): string => {
  const directory = join(outputPath, plan.name)
  refuseResults(directory)
  makeDirectory(directory)
  return directory
}

/** Last component of a model's name: `Qwen/Qwen2.5-0.5B` gives `Qwen2.5-0.5B`. */
export const modelId = (model: string): string => model.replace(/\/+$/, '').split('/').at(-1) || 'model'

const makeDirectory = (path: string): void => {
  try {
    makeWithParents(path)
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Makes a directory, not by Node's own `recursive`, which never returns below /proc, where a directory can be refused as missing. */
export const makeWithParents = (path: string): void => {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeWithParents(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Another benchmark may have been first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Makes a directory that nobody else has: two benchmarks may start in the same second. */
const makeOwnDirectory = (parent: string, name: string): string => {
  makeDirectory(parent)
  for (let attempt = 1; ; attempt++) {
    const path = join(parent, attempt === 1 ? name : `${name}_${attempt}`)
    try {
      mkdirSync(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw unwritable(path, error)
    }
  }
}

/**
 * A name, which may come from a server, as one level of a path on any system, that is shown as it is: control characters
 * and invisible ones, which `plainText` would leave out, become `_` too.
 */
const safeName = (name: string): string => {
  const cleaned = name.replace(/[<>:"|?*\\/\p{Cc}\p{Cf}\p{Cs}]/gu, '_').replace(/\s+/gu, ' ')
  const short = cutTo(200, cleaned.trim()).trim()
  return /^\.*$/.test(short) ? '_' : short
}

/** As many whole characters as fit into so many bytes of UTF-8: most file systems take 255. */
const cutTo = (limitBytes: number, text: string): string => {
  let [bytes, end] = [0, 0]
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > limitBytes) break
    end += character.length
  }
  return text.slice(0, end)
}

/** Local time as names have it, `YYYYmmdd_HHMMSS`. */
export const timestamp = (time: Date): string => {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')
}
