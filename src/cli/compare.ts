import type { Command } from 'commander'

/** What `evalscope compare` is asked for. */
export interface CompareOptions {
  readonly json?: true
  /** Where the picture goes. */
  readonly output: string
  /** False for `--no-write`. */
  readonly write: boolean
}

const details = `
Runs are paired by their load (--parallel, --rate); how many requests they have
may differ. Each metric gets a verdict: better, worse, no difference seen, or
too few samples. It takes a change of at least 3 % (of the success rate: 1
point) that chance alone would not make: where nothing differs, at most 1 of 100
comparisons calls anything. Directories of Python's evalscope are read, too.

The picture, comparison.svg and comparison.png, has requests per second,
latency, throughput and failed requests (%) over load, a line for each
benchmark. One that is there is left as it is, and the new one is called comparison_2.

Example:
  evalscope compare outputs/before/llama outputs/after/llama
`

/** Adds `evalscope compare`: benchmarks held against the first one. */
export const addCompareCommand = (
  program: Command,
  run: (paths: readonly string[], options: CompareOptions) => Promise<void>,
): void => {
  program
    .command('compare')
    .description('hold benchmarks against the first one: what is better, what is worse, and what is only chance')
    .argument('<baseline>', 'directory of a benchmark, or of one of its runs; or a benchmark_data.db')
    .argument('<others...>', 'one or more of the same kind')
    .option('--json', 'one JSON document on stdout instead of tables')
    .option('--output <directory>', 'where the picture goes, in SVG and PNG', '.')
    .option('--no-write', 'make no picture')
    .addHelpText('after', details)
    .action((baseline: string, others: readonly string[], options: CompareOptions) =>
      run([baseline, ...others], options),
    )
}
