import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { flagName, flagRows } from '../../src/arguments/flags.ts'
import { runCommandLine } from '../../src/cli/commands.ts'
import { addCompareCommand } from '../../src/cli/compare.ts'
import { addDoctorCommand } from '../../src/cli/doctor.ts'
import { addReportCommand } from '../../src/cli/report.ts'
import { addServeCommand } from '../../src/cli/serve.ts'
import { createWrapperCommand } from '../../src/cli/wrapper-command.ts'
import { builtinDatasets } from '../../src/datasets/index.ts'
import { exitCodes } from '../../src/errors.ts'
import { isJsonObject, type JsonValue } from '../../src/model/json.ts'
import { planPoints } from '../../src/plan/points.ts'
import { summaryJson } from '../../src/report/json.ts'
import { seriesText } from '../../src/report/series.ts'
import { traceSummaryJson } from '../../src/report/trace-json.ts'
import { healthJson } from '../../src/report/verdict-json.ts'
import { workloadThroughputJson, workloadTimelineJson } from '../../src/report/workload-json.ts'
import { columns } from '../../src/store/schema.ts'
import { embeddingPlan, handMade, planOf, resultOf, someFindings } from '../report/results.ts'
import { k01Records, k05Records } from '../stats/records.ts'
import { codeSpans, commands, commandsWithRuns, readme, tableRows } from './readme.ts'

const serveCommand = (): Command => {
  const program = new Command().exitOverride()
  addServeCommand(program)
  const serve = program.commands[0] as Command
  return serve.exitOverride().configureOutput({ writeErr: () => {} })
}

const doctorCommand = (): Command => {
  const program = new Command()
  addDoctorCommand(program, async () => {})
  const doctor = program.commands[0] as Command
  return doctor.exitOverride().configureOutput({ writeErr: () => {} })
}

const reportCommand = (): Command => {
  const program = new Command()
  addReportCommand(program, async () => {})
  const report = program.commands[0] as Command
  return report.exitOverride().configureOutput({ writeErr: () => {} })
}

const compareCommand = (): Command => {
  const program = new Command()
  addCompareCommand(program, async () => {})
  const compare = program.commands[0] as Command
  return compare.exitOverride().configureOutput({ writeErr: () => {} })
}

const spansOf = (firstHead: string, column: number): readonly string[] =>
  tableRows(firstHead).flatMap(cells => codeSpans(cells[column] ?? ''))

/** Its keys and those of all objects in it. */
const keysWithin = (value: JsonValue | undefined): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(keysWithin)
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysWithin(inner)]) : []
}

describe('commands', () => {
  const perf = commands().filter(([command]) => command === 'perf')
  const serve = commands().filter(([command]) => command === 'serve')
  const doctor = commands().filter(([command]) => command === 'doctor')
  const report = commands().filter(([command]) => command === 'report')
  const compare = commands().filter(([command]) => command === 'compare')

  test('there are some of each', () => {
    expect(perf.length).toBeGreaterThan(6)
    expect(serve.length).toBeGreaterThan(1)
    expect(doctor.length).toBeGreaterThan(0)
    expect(report.length).toBeGreaterThan(1)
    expect(compare.length).toBeGreaterThan(0)
    const known = [perf, serve, doctor, report, compare]
    expect(known.flat().length).toBe(commands().length)
  })

  test.each(perf.map(words => [words.join(' '), words] as const))('evalscope %s', async (_, words) => {
    const accepted: Arguments[] = []
    const code = await runCommandLine(words, async given => {
      // The directory is one that a reader has.
      accepted.push(new Arguments('from' in given ? { api: 'simulated', ...given, from: undefined } : given))
      return 42
    })
    expect(code).toBe(42)
    expect(accepted[0]?.warnings).toEqual([])
  })

  test.each(commandsWithRuns().map(([words, runs]) => [words.join(' '), words, runs] as const))(
    'the comment behind evalscope %s names its runs',
    async (_, words, runs) => {
      const planned: string[] = []
      await runCommandLine(words, async given => {
        planned.push(...planPoints(new Arguments(given).values, undefined).map(({ name }) => name))
        return 0
      })
      expect(runs).toEqual(planned)
    },
  )

  test.each(serve.map(words => [words.join(' '), words] as const))('evalscope %s', async (_, [, ...words]) => {
    const command = serveCommand().action(() => {})
    await command.parseAsync(words, { from: 'user' })
    expect(command.args).toEqual([])
  })

  test.each(doctor.map(words => [words.join(' '), words] as const))('evalscope %s', async (_, [, ...words]) => {
    const command = doctorCommand()
    await command.parseAsync(words, { from: 'user' })
    expect(command.args).toEqual([])
  })

  test.each(report.map(words => [words.join(' '), words] as const))('evalscope %s', async (_, [, ...words]) => {
    const command = reportCommand()
    await command.parseAsync(words, { from: 'user' })
    expect(command.args).toEqual([expect.stringMatching(/^outputs\//)])
  })

  test.each(compare.map(words => [words.join(' '), words] as const))('evalscope %s', async (_, [, ...words]) => {
    const command = compareCommand()
    await command.parseAsync(words, { from: 'user' })
    expect(command.args.length).toBeGreaterThan(1)
  })
})

describe('names', () => {
  test('every flag exists', () => {
    const known = new Set([
      ...flagRows().flatMap(([field]) => [flagName(field), flagName(field).replace('--', '--no-')]),
      ...serveCommand().options.map(({ long }) => long),
      ...createWrapperCommand(async () => {}).options.map(({ long }) => long),
      ...doctorCommand().options.map(({ long }) => long),
      ...reportCommand().options.map(({ long }) => long),
      ...compareCommand().options.map(({ long }) => long),
      '--help',
      // npm's
      '--omit',
      '--ignore-scripts',
    ])
    const named = [...readme.matchAll(/(?<![\w-])--[a-z][a-z_-]+/g)].map(([flag]) => flag.replaceAll('_', '-'))
    expect(named.length).toBeGreaterThan(100)
    expect([...new Set(named)].filter(flag => !known.has(flag))).toEqual([])
  })

  test('every flag of perf is in the table of flags', () => {
    const table = spansOf('topic', 1).join(' ').replaceAll('--no-', '--')
    const missing = flagRows()
      .map(([field]) => flagName(field).replace('--no-', '--'))
      .filter(flag => !new RegExp(`${flag}(?![\\w-])`).test(table))
    expect(missing).toEqual([])
  })

  test('the datasets are the built-in ones', () => {
    expect(spansOf('dataset', 0)).toEqual(Object.keys(builtinDatasets))
  })

  test('the questions are as many as it says', () => {
    const lines = readFileSync(new URL('../../datasets/open_qa.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    expect(readme).toContain(` ${lines.length} questions that come with us`)
  })

  test('the columns are those of the database, in their order', () => {
    expect(spansOf('columns', 0)).toEqual(columns.map(({ name }) => name))
  })

  test('the metrics are keys of benchmark_summary.json', () => {
    const { conversations } = resultOf(planOf(1, 1), k05Records).summary
    const goodput = { goodRequests: 0, requestsPerSec: 0, percent: 0, objectives: [] }
    const summary = { conversations, goodput, cachedPercent: 1, decodedTokensPerIteration: 2, specAcceptanceRate: 0.5 }
    const full = { ...handMade(planOf(1, 1), summary), tokens: someFindings }
    const ofPrompts = summaryJson(handMade(embeddingPlan(1, 1), {}))
    const keys = [...new Set([...Object.keys(summaryJson(full)), ...Object.keys(ofPrompts)])]
    expect(spansOf('key in `benchmark_summary.json`', 0).toSorted()).toEqual(keys.toSorted())
    const health = keysWithin(healthJson(resultOf(planOf(1, 1), k05Records).health))
    expect(spansOf('key in `Client Health`', 0)).toEqual([...new Set(health)].filter(key => !/^p\d+$/.test(key)))
    const { 'Usage vs Tokenizer': usage, 'Chat Template': template } = summaryJson(full)
    const inner = [usage, template].flatMap(keysWithin)
    expect(inner.length).toBeGreaterThan(10)
    expect(inner.filter(key => !readme.includes(`\`${key}\``))).toEqual([])
    const old = spansOf('then', 1).filter(name => /^[A-Z]/.test(name))
    expect(old.filter(name => !keys.includes(name))).toEqual(['TTFT (ms)', 'First Chunk (ms)'])
    expect(old.length).toBeGreaterThan(10)
  })

  test('the keys of the workload files are all there are', () => {
    const result = resultOf(planOf(2, 5), k01Records)
    const files = [workloadThroughputJson(result), workloadTimelineJson(result)]
    expect(new Set(spansOf('key in the workload files', 0))).toEqual(new Set(files.flatMap(keysWithin)))
  })

  test('the metrics of trace_summary.json are all there are, and its keys are named', () => {
    const json = traceSummaryJson(resultOf(planOf(1, 1), k05Records))
    const rows = (json?.rows ?? []) as readonly { readonly metric: string }[]
    expect(spansOf('`metric` in `trace_summary.json`', 0)).toEqual(rows.map(({ metric }) => metric))
    expect(keysWithin(json).filter(key => !readme.includes(`\`${key}\``))).toEqual([])
  })

  test('every row of the percentile table is named', () => {
    const missing = Object.values(seriesText).filter(({ label }) => !readme.includes(label))
    expect(missing).toEqual([])
  })

  test('the exit codes are ours', () => {
    const named = tableRows('exit code').flatMap(([codes = '']) => codes.split(', ').map(Number))
    expect(named.sort((a, b) => a - b)).toEqual(Object.values(exitCodes).sort((a, b) => a - b))
  })
})
