import type { Environment } from '../../arguments/endpoint.ts'

/** What starts vLLM on this machine: the program of its own, or a Python that can import it. */
export type Launcher =
  | { readonly kind: 'program'; readonly path: string }
  | { readonly kind: 'module'; readonly pythonPath: string }

/** What a benchmark wants served. */
export interface ServedModel {
  /** Directory or hub id; requests name it the same way. */
  readonly model: string
  readonly port: number
  /** The model is spread over all of them. */
  readonly gpus: number
}

/** A program with its arguments. */
export interface Command {
  readonly path: string
  readonly args: readonly string[]
}

/** Where vLLM listens. */
export const vllmHost = '127.0.0.1'

/**
 * The command that serves a model with the original's settings. It holds only options that every vLLM since 0.6 takes:
 * those about logging requests were renamed, and unknown ones are refused.
 */
export const vllmCommand = (launcher: Launcher, { model, port, gpus }: ServedModel): Command => {
  const settings = [
    ...['--served-model-name', model],
    ...['--host', vllmHost, '--port', String(port)],
    ...['--max-model-len', '32768', '--gpu-memory-utilization', '0.9'],
    ...['--tensor-parallel-size', String(gpus)],
  ]
  if (launcher.kind === 'program') return { path: launcher.path, args: ['serve', model, ...settings] }
  const module = ['-m', 'vllm.entrypoints.openai.api_server']
  return { path: launcher.pythonPath, args: [...module, '--model', model, ...settings] }
}

/**
 * How many GPUs vLLM will see: those of CUDA_VISIBLE_DEVICES up to the first that is none, else those that
 * `nvidia-smi -L` lists; at least one, so that vLLM says by itself what it misses.
 */
export const gpuCount = (env: Environment, listing: string | undefined): number => {
  const visible = env.CUDA_VISIBLE_DEVICES
  if (visible === undefined) return Math.max(1, listing?.match(/^GPU \d+:/gm)?.length ?? 1)
  const names = visible.split(',').map(name => name.trim())
  const end = names.findIndex(name => name === '' || name.startsWith('-'))
  return Math.max(1, end < 0 ? names.length : end)
}

/** The environment vLLM gets: ours without a key, since its server listens on this machine alone. */
export const vllmEnvironment = ({ VLLM_API_KEY: _, ...env }: Environment): Environment => env

/** A command as one could type it into a shell. */
export const shellText = ({ path, args }: Command): string => [path, ...args].map(shellWord).join(' ')

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
