import { servedApis } from '../arguments/endpoint.ts'
import { loadPlugin } from '../plugins.ts'
import type { Api } from './api.ts'
import { builtinApis } from './index.ts'
import { openai } from './openai.ts'

/** The servers that we start speak OpenAI's protocol. */
const known: readonly Api[] = [...builtinApis, { ...openai, names: servedApis }]

/** The API that `spec` names: a built-in one, or a user's by path. Throws `PluginError`. */
export const loadApi = (spec: string): Promise<Api> =>
  loadPlugin(spec, {
    label: 'API',
    builtins: Object.fromEntries(known.flatMap(api => api.names.map(name => [name, () => api]))),
    methods: ['buildRequest', 'readChunk', 'readBody'],
    defaults: { endpoints: [] },
  })
