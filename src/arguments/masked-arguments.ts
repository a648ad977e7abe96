import type { JsonObject } from '../model/json.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Arguments } from './arguments.ts'
import { flagRows, snakeCase } from './flags.ts'
import { knownSecrets } from './known-secrets.ts'
import { maskHeaders, maskJson, maskObject, maskText, maskUrl, secretMask } from './secrets.ts'

/**
 * All arguments as `benchmark_args.json` holds them: names with underscores, `null` for what was not given, the seed
 * that was used, secrets masked. `secrets` are further ones that must not appear, such as a key from the environment.
 */
export const maskArguments = (args: Arguments, secrets: readonly string[] = []): JsonObject => {
  const { apiKey, headers, maxTokens, url, extraArgs, queryTemplate, wandbApiKey, swanlabApiKey } = args.values
  const own = knownSecrets({ apiKey, headers, urls: [url], bodies: [extraArgs, queryTemplate] })
  const ofServices = [wandbApiKey, swanlabApiKey].flatMap(key => knownSecrets({ apiKey: key }))
  const hidden = [...own, ...ofServices, ...secrets]
  const shown = {
    ...args.values,
    ...(apiKey === undefined ? {} : { apiKey: secretMask }),
    ...(wandbApiKey === undefined ? {} : { wandbApiKey: secretMask }),
    ...(swanlabApiKey === undefined ? {} : { swanlabApiKey: secretMask }),
    // Also one without http:// before it.
    ...(url === undefined ? {} : { url: maskUrl(url) }),
    headers: maskHeaders(headers, hidden),
    maxTokens: maxTokens.min === maxTokens.max ? maxTokens.min : [maxTokens.min, maxTokens.max],
    seed: args.runSeed,
  }
  return Object.fromEntries(
    flagRows().map(([field]) => [snakeCase(field), maskJson(shown[field] ?? null, hidden)] as const),
  )
}

/** A plan fit for the store: headers, URLs and bodies without secrets. */
export const maskPlan = (plan: RunPlan): RunPlan => {
  const { target, request, dataset } = plan
  const { secrets, proxyUrl } = target
  return {
    ...plan,
    target: {
      ...target,
      url: maskText(target.url, secrets),
      headers: maskHeaders(target.headers, secrets),
      proxyUrl: proxyUrl && maskUrl(proxyUrl),
      secrets: [],
    },
    request: {
      ...request,
      extraArgs: maskObject(request.extraArgs, secrets),
      queryTemplate: request.queryTemplate && maskObject(request.queryTemplate, secrets),
    },
    dataset: { ...dataset, prompt: dataset.prompt && maskText(dataset.prompt, secrets) },
  }
}
