import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arguments } from './arguments/arguments.ts'
import { apiKeyFor } from './arguments/endpoint.ts'
import { maskArguments, maskPlan } from './arguments/secrets.ts'
import { wrapText } from './datasets/support/prompts.ts'
import { tokenizeConversation } from './datasets/support/tokenize.ts'
import { probe } from './load/probe.ts'
import type { Prompt } from './model/conversation.ts'
import type { RunResult } from './model/result.ts'
import type { RunPlan } from './model/run-plan.ts'
import { explainSweep, planSweep, sleepBetweenRunsMs } from './plan/sweep.ts'
import { runReport } from './report/run-report.ts'
import { sweepReport } from './report/sweep-report.ts'
import { type Host, unlessStopped } from './run/host.ts'
import { type Log, openLog } from './run/log.ts'
import { runOne } from './run/one-run.ts'
import { createOutputDirectory, databaseName, modelId } from './run/output-directory.ts'
import { writeArguments, writeResult } from './run/result-files.ts'
import { type Prepared, prepare } from './run/target.ts'
import { versions } from './version.ts'

/** What a benchmark gave: one result per run, in order, and where it all stands. */
export interface BenchmarkOutcome {
  readonly results: readonly RunResult[]
  readonly outputPath: string
  /** What went wrong beside failing requests: a broken dataset, a database that could not be written. */
  readonly problem: Error | undefined
}

/**
 * The program, top to bottom: arguments → plans → connection test → runs → reports. Throws `UserError` for what the
 * user can mend before anything is measured, `Stopped` when the run is stopped before that.
 */
export const runBenchmark = async (args: Arguments, host: Host): Promise<BenchmarkOutcome> => {
  const early: string[] = []
  const tell = createTeller(host, early)
  for (const line of [...args.warnings, ...args.notices]) tell.say(line)
  const prepared = await prepare(args, host, tell.say)
  try {
    const plans = planSweep(args, prepared.facts)
    for (const line of explainSweep(args, prepared.facts)) tell.say(line)
    const outputPath = createOutputDirectory(args, plans, new Date())
    const log = openLog(join(outputPath, 'benchmark.log'), args.values.debug)
    tell.useLog(log)
    try {
      if (!args.values.noTestConnection) await testConnection(plans[0] as RunPlan, prepared, host, tell.say)
      return await sweep(plans, outputPath, { args, prepared, host, log, say: tell.say })
    } finally {
      log.close()
    }
  } finally {
    await prepared.close()
  }
}

interface SweepParts {
  readonly args: Arguments
  readonly prepared: Prepared
  readonly host: Host
  readonly log: Log
  readonly say: (line: string) => void
}

const sweep = async (plans: readonly RunPlan[], outputPath: string, parts: SweepParts): Promise<BenchmarkOutcome> => {
  const { args, host, log } = parts
  const results: RunResult[] = []
  let problem: Error | undefined
  for (const [position, plan] of plans.entries()) {
    if (position > 0) await sleep(sleepBetweenRunsMs(args), host.stop.draining)
    if (host.stop.draining.aborted) break
    const outcome = await runAndReport(plan, join(outputPath, plan.name), parts)
    results.push(outcome.result)
    problem = outcome.problem
    if (problem !== undefined) break
  }
  if (results.length > 0) {
    const report = sweepReport(results, { outputPath })
    writeFileSync(join(outputPath, 'performance_summary.txt'), `${report}\n`)
    host.print(`${report}\n`)
    log.info(`Performance summary saved to: ${join(outputPath, 'performance_summary.txt')}`)
  }
  return { results, outputPath, problem }
}

/** One run with its files and tables. */
const runAndReport = async (plan: RunPlan, directory: string, { args, prepared, host, log, say }: SweepParts) => {
  const key = apiKeyFor(plan.target.url, args.values.apiKey, host.env)
  const secrets = key === undefined ? [] : [key]
  const argumentsShown = {
    ...maskArguments(args, secrets),
    parallel: plan.load.concurrency,
    number: plan.number,
    model: plan.model,
    model_id: modelId(plan.model),
    dataset_offset: plan.dataset.offset,
  }
  writeArguments(directory, argumentsShown)
  log.info(`Starting benchmark with args:\n${JSON.stringify(argumentsShown, null, 4)}`)
  const facts = {
    plan: maskPlan(plan, secrets),
    arguments: argumentsShown,
    versions: versions(),
    started_at: new Date().toISOString(),
  }
  const { api, dataset, tokenizer } = prepared
  const outcome = await runOne(plan, directory, { args, api, dataset, tokenizer, host, log, say, facts })
  writeResult(directory, outcome.result)
  const dbPath = join(directory, databaseName)
  host.print(`${runReport(outcome.result, { dbPath, columns: host.columns })}\n`)
  log.info(`${plan.name}\n${runReport(outcome.result, { dbPath, columns: undefined })}`)
  return outcome
}

/** Says lines once, on the host and in the log; lines from before there is a log are kept for it. */
const createTeller = (host: Host, early: string[]): { say(line: string): void; useLog(log: Log): void } => {
  const said = new Set<string>()
  let log: Log | undefined
  return {
    say: line => {
      if (said.has(line)) return
      said.add(line)
      host.status.say(line)
      if (log === undefined) early.push(line)
      else log.info(line)
    },
    useLog: opened => {
      log = opened
      for (const line of early) log.info(line)
    },
  }
}

const testConnection = async (
  plan: RunPlan,
  { api, tokenizer }: Prepared,
  host: Host,
  say: (line: string) => void,
): Promise<void> => {
  const probing = probe({ plan, api, prompt: probePrompt(plan, tokenizer), say, signal: host.stop.draining })
  const record = await unlessStopped(probing, host.stop)
  const latencyMs = Math.round((record.endUs - record.sentUs) / 1000)
  say(`connection test: answered in ${latencyMs} ms`)
}

const probePrompt = ({ dataset }: RunPlan, tokenizer: Prepared['tokenizer']): Prompt => {
  const prompt = wrapText('hello', dataset.chat)
  if (!dataset.tokenizePrompt || tokenizer === undefined) return prompt
  return tokenizeConversation({ turns: [{ prompt }] }, tokenizer).turns[0]?.prompt ?? prompt
}

const sleep = (durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted || durationMs === 0) return resolve()
    const timer = setTimeout(resolve, durationMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
