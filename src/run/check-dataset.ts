import type { Api } from '../apis/api.ts'
import type { Arguments } from '../arguments/arguments.ts'
import type { Dataset, DatasetContext } from '../datasets/dataset.ts'
import { promptTokenizer } from '../load/prompt-tokenizer.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { planSweep } from '../plan/sweep.ts'
import { checkTraceFlags, shortTraceLine } from '../plan/trace.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type Host, unlessStopped } from './host.ts'
import { findDatasetFile, readDownloaded } from './hub-files.ts'

/** Stands for the simulated server, which is not up yet; the prompts depend on no more than a URL's ending. */
const anyUrl = 'http://127.0.0.1'

/** The runs as they are planned before an own server is up; throws `ArgumentsError` for what cannot be. */
export const planEarly = (args: Arguments, api: Api, dataset: Dataset, host: Host): readonly RunPlan[] =>
  planSweep(args, { url: args.values.url ?? anyUrl, api, env: host.env, model: '', dataset, cores: 1 })

/** A dataset that can be read. */
export interface CheckedDataset {
  readonly dataset: Dataset
  /** Its file, where the user gave none and it was downloaded. */
  readonly path: string | undefined
}

/**
 * Gets the dataset's file, prepares it and reads its first prompt, so that a wrong path or file is met before the
 * endpoint is asked, made or sent anything.
 */
export const checkDataset = (
  args: Arguments,
  {
    dataset,
    tokenizer,
    api,
  }: { readonly dataset: Dataset; readonly tokenizer: Tokenizer | undefined; readonly api: Api },
  host: Host,
  say: (line: string) => void,
): Promise<CheckedDataset> => {
  const { values } = args
  const readOne = async (): Promise<CheckedDataset> => {
    const [plan] = planEarly(args, api, dataset, host)
    if (plan === undefined) return { dataset, path: undefined }
    if (dataset.hasArrivals) checkTraceFlags(values)
    const path = await findDatasetFile(args, dataset, host, say)
    const settings = path === undefined ? plan.dataset : { ...plan.dataset, path }
    const context = {
      settings,
      seed: plan.seed,
      tokenizer: promptTokenizer(plan.request, tokenizer),
      say: () => undefined,
    }
    return readDownloaded(path, async () => {
      const prepared = await prepareDataset(dataset, { ...context, say, signal: host.stop.draining }, host)
      const shortLine = prepared.hasArrivals && prepared.size !== undefined && shortTraceLine(values, prepared.size)
      if (shortLine) say(shortLine)
      for await (const _ of prepared.open(context)) break
      return { dataset: prepared, path }
    })
  }
  return unlessStopped(readOne(), host.stop)
}

const prepareDataset = async (dataset: Dataset, context: DatasetContext, { status }: Host): Promise<Dataset> => {
  if (dataset.prepare === undefined) return dataset
  status.show(`reading ${context.settings.path ?? context.settings.spec}`)
  try {
    return await dataset.prepare(context)
  } finally {
    status.clear()
  }
}
