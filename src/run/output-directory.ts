import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Arguments } from '../arguments/arguments.ts'
import { ArgumentsError } from '../errors.ts'
import type { RunPlan } from '../model/run-plan.ts'

/** Name of the database in a run's directory. */
export const databaseName = 'benchmark_data.db'

/**
 * Makes `<outputs-dir>/<YYYYmmdd_HHMMSS>/<name or model>` and a directory per run in it; gives its path. Refuses to
 * write where results stand already, before any work is done.
 */
export const createOutputDirectory = (args: Arguments, plans: readonly RunPlan[], startedAt: Date): string => {
  const { outputsDir, noTimestamp, name } = args.values
  const model = plans[0]?.model ?? ''
  const level = safeName(name ?? modelId(model))
  const root = join(outputsDir, ...(noTimestamp ? [] : [timestamp(startedAt)]), level)
  for (const plan of plans) {
    const directory = join(root, plan.name)
    if (existsSync(join(directory, databaseName))) {
      throw new ArgumentsError(`${directory} holds results already; give another --name or --outputs-dir, or remove it`)
    }
    makeDirectory(directory)
  }
  return root
}

/** Last component of a model's name: `Qwen/Qwen2.5-0.5B` gives `Qwen2.5-0.5B`. */
export const modelId = (model: string): string => model.replace(/\/+$/, '').split('/').at(-1) || 'model'

const makeDirectory = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new ArgumentsError(`cannot write to ${path}: ${(error as Error).message}; give another --outputs-dir`)
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
