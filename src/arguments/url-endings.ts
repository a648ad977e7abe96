/**
 * Endings of URLs by the built-in API that is spoken there, as the `endpoints` of the APIs have them: known before an
 * API is loaded, and of those that are not.
 */
export const endingsByApi: Readonly<Record<string, readonly string[]>> = {
  openai: ['/chat/completions', '/completions'],
  openai_responses: ['/responses'],
  anthropic: ['/messages'],
  openai_embedding: ['/embeddings', '/embed'],
  openai_rerank: ['/rerank', '/reranks', '/reranking'],
  dashscope: ['/text-generation/generation', '/multimodal-generation/generation'],
  ollama: ['/api/chat', '/api/generate'],
}

/** Other names of these APIs. */
export const otherApiNames: readonly string[] = ['openai_response', 'responses', 'embedding', 'rerank']

/** The known ending of a path, and the API that is spoken there. */
export const knownEnding = (path: string): { readonly ending: string; readonly api: string } | undefined => {
  for (const [api, endings] of Object.entries(endingsByApi)) {
    const ending = endings.find(known => path.endsWith(known))
    if (ending !== undefined) return { ending, api }
  }
  return undefined
}

/** Where servers answer, but take no prompts. */
const otherPages = ['/v1/models', '/api/tags', '/metrics', '/health']

/** The ending of a path at which a server takes no prompts. */
export const pageEnding = (path: string): string | undefined => otherPages.find(known => path.endsWith(known))
