import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
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
  refuseResults(root, plans)
  makeDirectory(root)
  return root
}

/** The same refusal before any work is done, where flags alone tell the directory. */
export const checkOutputDirectory = ({ values }: Arguments, plans: readonly RunPlan[]): void => {
  const { outputsDir, noTimestamp, name, model } = values
  const level = name ?? (model === undefined ? undefined : modelId(model))
  if (noTimestamp && level !== undefined) refuseResults(join(outputsDir, safeName(level)), plans)
}

const refuseResults = (root: string, plans: readonly RunPlan[]): void => {
  const taken = plans.map(plan => join(root, plan.name)).find(directory => existsSync(join(directory, databaseName)))
  if (taken !== undefined) {
    throw new ArgumentsError(`${taken} holds results already; give another --name or --outputs-dir, or remove it`)
  }
}

/** Where the log of a server that we start goes: `<outputs-dir>/vllm_8877_<YYYYmmdd_HHMMSS>.log`. */
export const serverLogPath = (outputsDir: string, name: string, startedAt: Date): string => {
  makeDirectory(outputsDir)
  return join(outputsDir, `${name}_${timestamp(startedAt)}.log`)
}

/** Makes the directory of one run; it may be there, without results. */
export const createRunDirectory = (outputPath: string, plan: RunPlan): string => {
  const directory = join(outputPath, plan.name)
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
    throw new ArgumentsError(`cannot write to ${path}: ${reasonOf(error)}; give another --outputs-dir`)
  }
}

/** Not by Node's own `recursive`, which never returns below /proc, where a directory can be refused as missing. */
const makeWithParents = (path: string): void => {
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
      throw new ArgumentsError(`cannot write to ${path}: ${reasonOf(error)}; give another --outputs-dir`)
    }
  }
}

/** A name that is one level of a path on any system. */
const safeName = (name: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and its like are what must not get through.
  const cleaned = name.replace(/[<>:"|?*\\/\u0000-\u001f]/g, '_')
  return /^\.*$/.test(cleaned) ? '_' : cleaned.slice(0, 200)
}

const timestamp = (time: Date): string => {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')
}
