import { Command, Option } from 'commander'
import { ArgumentsError } from '../errors.ts'
import { version } from '../version.ts'

/** The name of the wrapper, and the word that stands for it before its arguments. */
export const wrapperName = 'evalscope-perf'

/** What `evalscope-perf` is asked for; texts that `evalscope perf` checks. */
export interface WrapperOptions {
  readonly parallels: readonly string[] | undefined
  readonly n: string
  readonly maxPromptLength: string
  readonly stop: string
  readonly readTimeout: string
}

const closingText = `
Examples:
  evalscope-perf http://127.0.0.1:8000/v1/chat/completions qwen ./datasets/open_qa.jsonl \\
      --parallels 8 --parallels 16 --parallels 32 --n 100
  evalscope-perf http://127.0.0.1:8000/v1/chat/completions qwen ./datasets/open_qa.jsonl \\
      --parallels 8 --n 100 -- --stream --api-key sk-your-key

It is evalscope perf --api openai --dataset openqa --no-stream with other words. Answers are not streamed, as the
original wrapper never did: latency, QPS and throughput are measured, the time to the first token is not; -- --stream
measures it, too. The curves are left as performance_metrics.png where you are, all results below outputs/.`

/** The command of `evalscope-perf`: the flags and defaults of the wrapper that it takes the place of. */
export const createWrapperCommand = (
  run: (operands: readonly string[], options: WrapperOptions) => Promise<void>,
): Command =>
  new Command(wrapperName)
    .description('one run of an endpoint for each --parallels, and the curves of all in performance_metrics.png')
    .usage('[options] <url> <model> <dataset_path> [-- flags of evalscope perf]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .argument('<url>', 'endpoint; /v1/chat/completions is added to a bare one')
    .argument('<model>', 'model name to send')
    .argument('<dataset_path>', 'JSON Lines with a field "question"')
    .addOption(
      new Option('--parallels <n>', 'requests in flight; given several times a run each (default: 1)').argParser(
        several,
      ),
    )
    .addOption(option('-n, --n <n>', 'requests of each run', '1').argParser(text => count('--n', text)))
    .addOption(option('--max-prompt-length <characters>', 'longer prompts are left out', '256'))
    .addOption(option('--stop <text>', "text that ends the output, '' for none", '<|im_end|>'))
    .addOption(option('--read-timeout <seconds>', 'longest silence of the server', '30'))
    .addHelpText('after', closingText)
    .exitOverride()
    // Its messages are printed like all others, by the caller.
    .configureOutput({ outputError: () => {} })
    .action((url: string, model: string, path: string, options: WrapperOptions) => run([url, model, path], options))

/** Its default is shown as it would be written. */
const option = (name: string, help: string, standard: string): Option =>
  new Option(name, help).default(standard, standard)

/** Those so far, and one more. */
const several = (text: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  count('--parallels', text),
]

/** Checked here, as `evalscope perf` would name its own flag. */
const count = (flag: string, text: string): string => {
  if (/^0*[1-9]\d{0,8}$/.test(text.trim())) return text.trim()
  throw new ArgumentsError(`${flag} must be a whole number above 0, got ${JSON.stringify(text)}`)
}

/** The command line of `evalscope perf` that does the same. */
export const perfArguments = ([url, model, path]: readonly string[], options: WrapperOptions): readonly string[] => [
  'perf',
  ...['--api=openai', `--url=${url}`, `--model=${model}`, '--dataset=openqa', `--dataset-path=${path}`, '--no-stream'],
  ...(options.parallels ?? ['1']).map(parallel => `--parallel=${parallel}`),
  `--number=${options.n}`,
  `--max-prompt-length=${options.maxPromptLength}`,
  ...(options.stop === '' ? [] : [`--stop=${options.stop}`]),
  `--read-timeout=${options.readTimeout}`,
]
