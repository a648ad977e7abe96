import { basename } from 'node:path'
import type { Arguments } from '../arguments/arguments.ts'
import { apiKeyFor } from '../arguments/endpoint.ts'
import { snakeCase } from '../arguments/flags.ts'
import { maskArguments } from '../arguments/masked-arguments.ts'
import { maskText } from '../arguments/secrets.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { readTextFile } from '../load/cpu-quota.ts'
import type { JsonObject } from '../model/json.ts'
import type { DatasetSource, Provenance } from '../model/provenance.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { looksLikePath } from '../plugins.ts'
import { versions } from '../version.ts'
import { type FingerprintOptions, fingerprint } from './fingerprint.ts'
import type { Host } from './host.ts'
import { hostFacts } from './host-facts.ts'
import type { Prepared } from './prepare.ts'
import { serverFacts } from './server-facts.ts'

/** The files of a tokenizer's directory that are read; beside them may lie a model of many gigabytes. */
const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']

/** Finds out what a benchmark is made with: asks the server, and reads the files that prompts come from. */
export const gatherProvenance = async (
  args: Arguments,
  { plan, prepared, startedAt }: { readonly plan: RunPlan; readonly prepared: Prepared; readonly startedAt: Date },
  host: Host,
): Promise<Provenance> => {
  const { target, model } = plan
  const signal = host.stop.draining
  const key = apiKeyFor(target.url, args.values.apiKey, host.env)
  const [server, files, versionsOfAll] = await Promise.all([
    serverFacts({ target, api: prepared.api, model, signal }),
    fileFacts(filesOf(args, plan, prepared), signal),
    versions(),
  ])
  return {
    started_at: startedAt.toISOString(),
    seed: args.runSeed,
    given: givenFlags(args, target.secrets),
    api_key_from: key === undefined ? undefined : args.isSet('apiKey') ? '--api-key' : 'environment',
    repeats: args.values.from,
    versions: versionsOfAll,
    files,
    dataset_source: datasetSource(args, plan, prepared),
    server,
    proxy: target.proxyUrl === undefined ? undefined : maskText(new URL(target.proxyUrl).origin, target.secrets),
    host: hostFacts(readTextFile),
  }
}

const datasetSource = ({ values }: Arguments, plan: RunPlan, { dataset }: Prepared): DatasetSource | undefined => {
  if (values.prompt !== undefined || values.datasetPath !== undefined) return undefined
  if (plan.dataset.path !== undefined) return 'hub'
  return dataset.sample === undefined ? undefined : 'ours'
}

/** The flags that the user gave, or an earlier run had been given, with secrets masked. */
export const givenFlags = (args: Arguments, secrets: readonly string[]): JsonObject => {
  const all = maskArguments(args, secrets)
  const names = args.userSet.filter(field => field !== 'from').map(snakeCase)
  return Object.fromEntries(names.map(name => [name, all[name]]))
}

interface NamedFile {
  /** The flag that names it. */
  readonly name: string
  /** As given; of a download its name alone, since the cache stands in a user's own directory. */
  readonly shownPath: string
  readonly path: string | undefined
  readonly only?: readonly string[]
}

const fileFacts = async (files: readonly NamedFile[], signal: AbortSignal): Promise<JsonObject> => {
  const facts = await Promise.all(
    files.map(async ({ name, shownPath, path, only }) => {
      if (path === undefined) return []
      const options: FingerprintOptions = { signal, ...(only && { only }) }
      const found = await fingerprint(path, options)
      return found === undefined ? [] : [[name, { path: shownPath, ...found }] as const]
    }),
  )
  return Object.fromEntries(facts.flat())
}

const filesOf = ({ values }: Arguments, plan: RunPlan, prepared: Prepared): readonly NamedFile[] => {
  const { tokenizerPath = '', datasetPath, prompt } = values
  const { path, args } = plan.dataset
  const prefix = typeof args.prefix_file === 'string' ? args.prefix_file : undefined
  const read = prompt === undefined ? path : undefined
  return [
    {
      name: 'dataset_path',
      shownPath: datasetPath ?? basename(read ?? ''),
      path: read,
      only: fileNamesOf(prepared.dataset),
    },
    { name: 'tokenizer_path', shownPath: tokenizerPath, path: prepared.tokenizerPath, only: tokenizerFiles },
    { name: 'dataset_args', shownPath: prefix ?? '', path: prefix },
    ...[values.api, values.dataset]
      .filter(looksLikePath)
      .map(spec => ({ name: spec === values.api ? 'api' : 'dataset', shownPath: spec, path: spec })),
  ]
}

/** What a dataset looks for in a directory, where that is known. */
const fileNamesOf = ({ hubFile = {}, hubFiles = [hubFile] }: Dataset): readonly string[] =>
  hubFiles.flatMap(places => Object.values(places)).map(place => basename(place.path))
