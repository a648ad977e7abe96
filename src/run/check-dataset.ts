import type { Api } from '../apis/api.ts'
import type { Arguments } from '../arguments/arguments.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { planSweep } from '../plan/sweep.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type Host, unlessStopped } from './host.ts'

/** Stands for the simulated server, which is not up yet; the prompts depend on no more than a URL's ending. */
const anyUrl = 'http://127.0.0.1'

/** Reads the first prompt, so that a wrong path or file is met before anybody is asked, made or sent anything. */
export const checkDataset = (
  args: Arguments,
  {
    dataset,
    tokenizer,
    api,
  }: { readonly dataset: Dataset; readonly tokenizer: Tokenizer | undefined; readonly api: Api },
  host: Host,
): Promise<void> => {
  const readOne = async (): Promise<void> => {
    const [plan] = planSweep(args, { url: args.values.url ?? anyUrl, api, env: host.env, model: '', dataset, cores: 1 })
    if (plan === undefined) return
    const context = { settings: plan.dataset, seed: plan.seed, tokenizer, say: () => undefined }
    for await (const _ of dataset.open(context)) return
  }
  return unlessStopped(readOne(), host.stop)
}
