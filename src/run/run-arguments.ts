import type { Arguments } from '../arguments/arguments.ts'
import { maskArguments } from '../arguments/masked-arguments.ts'
import type { JsonObject } from '../model/json.ts'
import type { Provenance } from '../model/provenance.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { pointFlags } from '../plan/point-flags.ts'
import { unlimitedParallel, unpacedRate } from '../report/format.ts'
import { modelId } from './output-directory.ts'

/** What one run was asked to do and made with, as its `benchmark_args.json` has it: all that `--from` needs. */
export const runArguments = (
  plan: RunPlan,
  args: Arguments,
  { provenance, secrets }: { readonly provenance: Provenance; readonly secrets: readonly string[] },
): JsonObject => ({
  ...maskArguments(args, secrets),
  parallel: plan.load.kind === 'closed' ? plan.load.concurrency : unlimitedParallel,
  number: plan.number ?? null,
  workers: plan.workers,
  rate: plan.load.pacing?.ratePerSec ?? unpacedRate,
  model: plan.model,
  model_id: modelId(plan.model),
  dataset_offset: plan.dataset.offset,
  save_responses: plan.saveResponses,
  provenance: { ...provenance, point: pointFlags(plan, args) },
})
