import { exitCodes } from '../errors.ts'
import { comparisonJsonText } from '../report/comparison-json.ts'
import { comparisonText } from '../report/comparison-text.ts'
import { compareBenchmarks } from '../run/compare-benchmarks.ts'
import { type ComparedBenchmark, readCompared } from '../run/compared-benchmark.ts'
import { writeComparisonPicture } from '../run/comparison-picture.ts'
import type { CompareOptions } from './compare.ts'

/** Holds benchmarks against the first one: tables on stdout, everything else on stderr, and a picture. Gives the exit code. */
export const runCompareCommand = async (paths: readonly string[], options: CompareOptions): Promise<number> => {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const benchmarks: ComparedBenchmark[] = []
  for (const path of paths) benchmarks.push(await readCompared(path, say))
  const comparison = await compareBenchmarks(benchmarks)
  const columns = (process.stdout.isTTY && process.stdout.columns) || undefined
  process.stdout.write(options.json ? comparisonJsonText(comparison) : `${comparisonText(comparison, columns)}\n`)
  if (options.write) await writeComparisonPicture(options.output, comparison, say)
  return exitCodes.done
}
