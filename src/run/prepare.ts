import type { Api } from '../apis/api.ts'
import { loadApi } from '../apis/load-api.ts'
import type { Arguments } from '../arguments/arguments.ts'
import { completeUrl, toModelsUrl } from '../arguments/endpoint.ts'
import { maskUrl, maskWords } from '../arguments/secrets.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { loadDataset } from '../datasets/load-dataset.ts'
import { promptDataset } from '../datasets/prompt.ts'
import { checkOptions } from '../datasets/support/options.ts'
import { ArgumentsError } from '../errors.ts'
import { usableCores } from '../load/cpu-quota.ts'
import { PromptThreads } from '../load/prompt-threads.ts'
import { type Attempt, retryWhileStarting } from '../load/retry.ts'
import { getJson } from '../net/get-json.ts'
import { planPoints } from '../plan/points.ts'
import type { SweepFacts } from '../plan/sweep.ts'
import { planTarget, readyLimitMs, type TargetFacts } from '../plan/target.ts'
import { explainPlacement, placeOptions } from '../plan/task.ts'
import { looksLikePath } from '../plugins.ts'
import { loadTokenizer } from '../tokenizers/index.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { checkDataset, planEarly } from './check-dataset.ts'
import { CountingThread } from './count-worker.ts'
import { type Gates, openGates } from './gates.ts'
import { guardedDataset } from './guarded-dataset.ts'
import { type Host, unlessStopped } from './host.ts'
import { findTokenizerDirectory, readDownloaded } from './hub-files.ts'
import { modelsIn } from './model-list.ts'
import { checkOutputDirectory } from './output-directory.ts'
import { startOwnServer } from './own-server.ts'

/** Everything that is loaded or found out before runs can be planned. */
export interface Prepared {
  readonly api: Api
  readonly dataset: Dataset
  readonly tokenizer: Tokenizer | undefined
  /** Directory that it was loaded from. */
  readonly tokenizerPath: string | undefined
  /** Counts tokens with it. */
  readonly counting: CountingThread | undefined
  readonly promptThreads: PromptThreads
  readonly facts: SweepFacts
  /** What runs are held against. */
  readonly gates: Gates | undefined
  /** Aborts when the server that we started ends by itself; the reason says so. */
  readonly lost: AbortSignal | undefined
  /** Ends the server and the threads that we started, if any. */
  close(): Promise<void>
}

/** Loads plugins and tokenizer, starts a server where that is asked for, and learns the model's name. */
export const prepare = async (args: Arguments, host: Host, say: (line: string) => void): Promise<Prepared> => {
  const { values } = args
  const gates = await openGates(values, say)
  gates?.checkLoads(planPoints(values, undefined).map(({ load }) => load))
  const api = await loadApi(values.api)
  const asked = values.prompt === undefined ? await loadGuardedDataset(values.dataset) : promptDataset
  const needsTokenizer =
    asked.needsTokenizer === 'without path' ? values.datasetPath === undefined : asked.needsTokenizer
  if (needsTokenizer && values.tokenizerPath === undefined) {
    throw new ArgumentsError(
      `--dataset ${values.dataset} needs --tokenizer-path, the directory of the model's tokenizer`,
    )
  }
  const placement = explainPlacement(values, asked)
  if (placement !== undefined) say(placement)
  // A plugin that names no options reads them as it likes.
  if (asked.options !== undefined || !looksLikePath(values.dataset)) {
    checkOptions(
      placeOptions(values, asked).datasetArgs,
      asked.options,
      values.prompt === undefined ? values.dataset : 'prompt',
    )
  }
  // Before anything is downloaded, or a model loaded.
  checkOutputDirectory(args, planEarly(args, api, asked, host))
  const tokenizerPath = await findTokenizerDirectory(args, host, say)
  const tokenizer = tokenizerPath === undefined ? undefined : await readTokenizer(args, tokenizerPath)
  const counting = tokenizerPath === undefined ? undefined : countingThread(tokenizerPath, args, api)
  const promptThreads = new PromptThreads({ tokenizerPath }, say)
  const { dataset, path } = await checkDataset(args, { dataset: asked, tokenizer, api }, host, say)
  const server = await startOwnServer(args, host, say, tokenizerPath)
  try {
    const target: TargetFacts = { url: server?.url ?? values.url ?? '', api, env: host.env }
    const model = values.model ?? (await unlessStopped(askModel(args, { target, api }, host, say), host.stop))
    const facts: SweepFacts = { ...target, model, dataset, datasetPath: path, cores: usableCores() }
    const close = async (): Promise<void> => {
      counting?.close()
      promptThreads.close()
      await server?.close()
    }
    return { api, dataset, tokenizer, tokenizerPath, counting, promptThreads, facts, gates, lost: server?.lost, close }
  } catch (error) {
    await server?.close()
    throw error
  }
}

const readTokenizer = ({ values }: Arguments, directory: string): Promise<Tokenizer> =>
  readDownloaded(directory === values.tokenizerPath ? undefined : directory, () => loadTokenizer(directory))

const countingThread = (tokenizerPath: string, { values }: Arguments, { task = 'generate' }: Api): CountingThread =>
  new CountingThread({ tokenizerPath, task, patchPx: values.imagePatchSize })

const loadGuardedDataset = async (spec: string): Promise<Dataset> => {
  const dataset = await loadDataset(spec)
  return looksLikePath(spec) ? guardedDataset(dataset, spec) : dataset
}

/** The one model that the endpoint serves. Throws `ArgumentsError` that lists them when there are several. */
const askModel = async (
  args: Arguments,
  { target: facts, api }: { readonly target: TargetFacts; readonly api: Api },
  host: Host,
  say: (line: string) => void,
): Promise<string> => {
  if (api.modelsPath === null)
    throw new ArgumentsError(`--model is missing, and --api ${args.values.api} lists none; give one`)
  const signal = host.stop.draining
  const target = planTarget(args, facts, false)
  const url = toModelsUrl(completeUrl(target.url, api.endpoints), api.endpoints, api.modelsPath)
  const ask = async (): Promise<Attempt<unknown>> => {
    const outcome = await getJson(url, target, signal)
    if ('value' in outcome) return outcome
    const message = maskWords(outcome.failure.message, target.secrets)
    return { ...outcome, failure: { ...outcome.failure, message } }
  }
  const answer = await retryWhileStarting(ask, {
    what: `asking ${maskUrl(url)} for the model (no --model given)`,
    remedy: 'check --url and --api, or give --model',
    limitMs: readyLimitMs(args.values),
    say,
    show: line => host.status.show(line),
    signal,
  })
  host.status.clear()
  const models = [...modelsIn(answer).keys()]
  if (models.length === 1 && models[0] !== undefined) {
    say(`model ${models[0]} (the only one that ${maskUrl(url)} names)`)
    return models[0]
  }
  if (models.length === 0) throw new ArgumentsError(`${maskUrl(url)} names no model; give --model`)
  const shown = models.slice(0, 20).join(', ')
  throw new ArgumentsError(`the endpoint has ${models.length} models, give one with --model: ${shown}`)
}
