import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arguments } from '../../src/arguments/arguments.ts'
import type { Provenance } from '../../src/model/provenance.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { givenFlags } from '../../src/run/provenance.ts'
import { writeArguments } from '../../src/run/result-files.ts'
import { runArguments } from '../../src/run/run-arguments.ts'

/** What a benchmark of these arguments leaves behind to be repeated by. */
export const provenanceOf = (args: Arguments, more: Partial<Provenance> = {}): Provenance => ({
  started_at: '2026-01-02T03:04:05.678Z',
  seed: args.runSeed,
  given: givenFlags(args, []),
  api_key_from: args.values.apiKey === undefined ? undefined : '--api-key',
  repeats: undefined,
  versions: { evalscope: '0.1.0' },
  files: {},
  dataset_source: undefined,
  server: undefined,
  proxy: undefined,
  host: { cores: 2 },
  ...more,
})

/** A directory in which benchmarks leave their arguments, as after a run; `remove` takes it away. */
export const createBenchmarkDirectory = () => {
  const root = mkdtempSync(join(tmpdir(), 'evalscope-from-'))
  return {
    root,
    store: (args: Arguments, plans: readonly RunPlan[], more: Partial<Provenance> = {}): void => {
      for (const plan of plans) {
        const directory = join(root, plan.name)
        mkdirSync(directory)
        writeArguments(directory, runArguments(plan, args, { provenance: provenanceOf(args, more), secrets: [] }))
      }
    },
    remove: (): void => rmSync(root, { recursive: true, force: true }),
  }
}
