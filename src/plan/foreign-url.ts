import { completeUrl } from '../arguments/endpoint.ts'
import { knownEnding } from '../arguments/url-endings.ts'
import { looksLikePath } from '../plugins.ts'
import type { TargetFacts } from './target.ts'

/** One line where requests go to an ending at which another built-in API is spoken; a plugin knows what it does. */
export const explainForeignUrl = (api: string, facts: TargetFacts): string | undefined => {
  const path = new URL(completeUrl(facts.url, facts.api.endpoints)).pathname.replace(/\/+$/, '')
  const known = knownEnding(path)
  if (known === undefined || looksLikePath(api) || facts.api.endpoints.some(own => path.endsWith(own))) return undefined
  return `${known.ending} is where --api ${known.api} is spoken: give that, unless the server takes bodies of --api ${api} there`
}
