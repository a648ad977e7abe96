import { ArgumentsError } from '../errors.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import { parseEndpoint, servedApis, simulatedApi } from './endpoint.ts'
import { flagName } from './flags.ts'
import { followWarnings } from './follow-flags.ts'
import { unpacedRate } from './load-flags.ts'
import { shown } from './read-value.ts'
import { checkSla, slaWarnings } from './sla-checks.ts'
import { endingsByApi, otherApiNames } from './url-endings.ts'

/** Checks what no single flag can tell; throws `ArgumentsError` for the first mistake. */
export const checkValues = (values: ArgumentValues, userSet: readonly FlagField[]): void => {
  checkTarget(values, userSet)
  checkRates(values)
  checkLists(values)
  checkWarmup(values)
  checkLengths(values)
  checkTokenizer(values)
  checkTurns(values)
  checkSla(values)
}

const checkTarget = ({ url, api, model }: ArgumentValues, userSet: readonly FlagField[]): void => {
  if (url === undefined && !userSet.includes('api')) {
    throw new ArgumentsError('--url is missing; give the endpoint to test, or try --api simulated, which needs none')
  }
  const isServed = servedApis.includes(api)
  // A name that nobody has, which is no path either, is refused when it is looked up.
  const isKnown = Object.hasOwn(endingsByApi, api) || otherApiNames.includes(api) || /[./\\]/.test(api)
  if (url === undefined && isKnown) {
    throw new ArgumentsError(
      `--api ${api} needs --url, the endpoint to test; only --api ${servedApis.join(', ')} need none`,
    )
  }
  if (url !== undefined && isServed) {
    throw new ArgumentsError(`--api ${api} starts its own server; leave out --url, or give --api openai`)
  }
  if (isServed && api !== simulatedApi && model === undefined) {
    throw new ArgumentsError(`--api ${api} needs --model, the directory or hub id of the model to serve`)
  }
  if (url !== undefined) parseEndpoint(url)
}

const checkRates = ({ rate, openLoop }: ArgumentValues): void => {
  const wrong = rate?.find(value => value <= 0 && value !== unpacedRate)
  if (wrong !== undefined) {
    throw new ArgumentsError(`--rate must be a number above 0, or ${unpacedRate} for "not paced", got ${wrong}`)
  }
  if (openLoop && rate?.includes(unpacedRate)) {
    throw new ArgumentsError(`--open-loop needs every --rate above 0, got ${shown(rate.join(' '))}; change the others`)
  }
}

/** A list of one value goes with every value of the others; longer ones are paired. */
const checkLists = ({ number, parallel, rate, openLoop }: ArgumentValues): void => {
  const lists = openLoop ? { rate, number } : { parallel, rate, number }
  const [first, ...others] = Object.entries(lists).flatMap(([field, list]) =>
    list && list.length > 1 ? [{ flag: flagName(field), list }] : [],
  )
  const other = others.find(({ list }) => list.length !== first?.list.length)
  if (!first || !other) return
  throw new ArgumentsError(
    `${other.flag} has ${other.list.length} values and ${first.flag} has ${first.list.length}; ` +
      `give one ${other.flag} per ${first.flag} (got ${shown(other.list.join(' '))} | ${shown(first.list.join(' '))})`,
  )
}

const checkWarmup = ({ warmupNum, number, duration }: ArgumentValues): void => {
  const isShare = warmupNum > 0 && warmupNum < 1
  if (!isShare || duration === undefined || number !== undefined) return
  throw new ArgumentsError(
    `--warmup-num ${warmupNum} is a share of --number, which --duration leaves open; give --number, or a count from 1 on`,
  )
}

const limitKeys = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'min_tokens']

const checkLengths = (values: ArgumentValues): void => {
  const { minPromptLength, maxPromptLength, minTokens, maxTokens } = values
  if (minPromptLength > maxPromptLength) {
    throw new ArgumentsError(
      `--min-prompt-length ${minPromptLength} is above --max-prompt-length ${maxPromptLength}; swap or change one`,
    )
  }
  // A template or extra arguments may set other limits.
  const limitsAreOurs = !values.queryTemplate && !limitKeys.some(key => key in values.extraArgs)
  if (limitsAreOurs && minTokens !== undefined && minTokens > maxTokens.min) {
    throw new ArgumentsError(`--min-tokens ${minTokens} is above --max-tokens ${maxTokens.min}; raise --max-tokens`)
  }
}

/** Those that draw their texts behind a prefix, for which they need a vocabulary. */
const prefixedDatasets: readonly string[] = ['random', 'random_vl']

const checkTokenizer = ({ tokenizePrompt, tokenizerPath, dataset, prompt }: ArgumentValues): void => {
  if (tokenizerPath) return
  if (tokenizePrompt) {
    throw new ArgumentsError('--tokenize-prompt needs --tokenizer-path; give the directory of the model')
  }
  if (prefixedDatasets.includes(dataset) && prompt === undefined) {
    throw new ArgumentsError(`--dataset ${dataset} needs --tokenizer-path; give the directory of the model`)
  }
}

const checkTurns = ({ multiTurn, minTurns, maxTurns, tokenizePrompt, queryTemplate }: ArgumentValues): void => {
  if (maxTurns !== undefined && minTurns > maxTurns) {
    throw new ArgumentsError(`--min-turns ${minTurns} is above --max-turns ${maxTurns}; swap or change one`)
  }
  if (multiTurn && tokenizePrompt) {
    throw new ArgumentsError('--multi-turn sends the history as chat messages; leave out --tokenize-prompt')
  }
  if (multiTurn && JSON.stringify(queryTemplate ?? '').includes('%p')) {
    throw new ArgumentsError(
      '--query-template has a %p, which holds one text and no history; with --multi-turn leave it out',
    )
  }
}

/** One line for each flag that was given in vain. */
export const warningsFor = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => [
  ...loadWarnings(values, userSet),
  ...promptWarnings(values, userSet),
  ...turnWarnings(values, userSet),
  ...serverWarnings(values, userSet),
  ...slaWarnings(values, userSet),
  ...followWarnings(values, userSet),
]

const serverWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  const { api, port, model, noTestConnection } = values
  const lines: string[] = []
  if (userSet.includes('readyTimeout') && noTestConnection && model !== undefined) {
    lines.push('--ready-timeout has no effect: without a connection test no server is waited for')
  }
  if (userSet.includes('attnImplementation')) {
    lines.push("--attn-implementation has no effect: it is a setting of the original's own model runner")
  }
  const isRead = servedApis.includes(api) && api !== simulatedApi
  if (userSet.includes('port') && !isRead) {
    lines.push(`--port ${port} has no effect: it is for the servers of --api local and local_vllm; see --url`)
  }
  return lines
}

const loadWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  const { openLoop, parallel, rate, arrival, rampUp, duration, grace } = values
  const lines: string[] = []
  if (openLoop && userSet.includes('parallel')) {
    lines.push(`--parallel ${parallel.join(' ')} has no effect: with --open-loop nothing caps the requests in flight`)
  }
  const isRateSearched = values.slaAutoTune && values.slaVariable === 'rate'
  if (userSet.includes('arrival') && !isRateSearched && !rate?.some(value => value !== unpacedRate)) {
    lines.push(`--arrival ${arrival} has no effect: it spaces the requests of a --rate above 0`)
  }
  if (duration !== undefined && rampUp >= duration) {
    lines.push(`--ramp-up ${rampUp} is not below --duration ${duration}: there will be no steady figures`)
  }
  // A search ends the runs that take too long.
  if (duration === undefined && userSet.includes('grace') && !values.slaAutoTune) {
    lines.push(`--grace ${grace} has no effect: it begins when --duration is over, which is not given`)
  }
  return lines
}

const promptWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  const { prefixLength, prompt, dataset } = values
  // The path of a plugin holds a slash or a dot, and a plugin may well read it.
  const isReadBy = (datasets: readonly string[]): boolean =>
    prompt === undefined && (datasets.includes(dataset) || /[./\\]/.test(dataset))
  const lines: string[] = []
  if (prefixLength !== 0 && !isReadBy(prefixedDatasets)) {
    const those = prefixedDatasets.join(' and ')
    lines.push(`--prefix-length ${prefixLength} has no effect: only the datasets ${those} have a shared prefix`)
  }
  const drawn = (['imageWidth', 'imageHeight', 'imageNum', 'imageFormat'] as const).filter(f => userSet.includes(f))
  if (drawn.length > 0 && !isReadBy(['random_vl'])) {
    const flags = drawn.map(field => `${flagName(field)} ${values[field]}`).join(', ')
    lines.push(`${flags} ${drawn.length === 1 ? 'has' : 'have'} no effect: only --dataset random_vl draws images`)
  }
  return lines
}

const turnWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  const { multiTurn, datasetArgs, multiTurnArgs } = values
  const lines: string[] = []
  const idle = userSet.filter(field => field === 'minTurns' || field === 'maxTurns')
  if (!multiTurn && idle.length > 0) lines.push(`${idle.map(flagName).join(', ')} without --multi-turn: no effect`)
  if (multiTurnArgs !== undefined) {
    const both = Object.keys(multiTurnArgs).filter(key => Object.hasOwn(datasetArgs, key))
    const wins = both.length === 0 ? '' : `; both set ${both.join(', ')}: --dataset-args wins`
    lines.push(`--multi-turn-args is read as --dataset-args, its newer spelling${wins}`)
  }
  const owner = Object.entries({ datasetArgs, multiTurnArgs }).find(([, args]) =>
    Object.hasOwn(args ?? {}, 'num_workers'),
  )
  if (owner !== undefined) {
    const reading = userSet.includes('numWorkers') ? 'has no effect beside' : 'is read as'
    lines.push(`num_workers of ${flagName(owner[0])} ${reading} --num-workers`)
  }
  return lines
}
