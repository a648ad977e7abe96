import { UserError } from '../errors.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { startSimulatedServer } from './simulated.ts'
import type { ChildReport, SpawnOptions } from './spawn.ts'

// Entry of the child process that spawnSimulatedServer() starts.

const start = async ({ tokenizerPath, ...options }: SpawnOptions): Promise<ChildReport> => {
  try {
    const tokenizer = tokenizerPath === undefined ? undefined : await load(tokenizerPath)
    const { url } = await startSimulatedServer({ ...options, tokenizer })
    return { url }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), isUserError: error instanceof UserError }
  }
}

const load = async (path: string): Promise<Tokenizer> => (await import('../tokenizers/index.ts')).loadTokenizer(path)

// Signals reach the whole group. The parent decides when the run is over, and in-flight requests need us until then;
// the channel closes with the parent, however it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.exit())
process.once('message', (options: SpawnOptions) => {
  void start(options).then(report => process.send?.(report))
})
