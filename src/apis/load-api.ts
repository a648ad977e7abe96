import { servedApis } from '../arguments/endpoint.ts'
import { loadPlugin } from '../plugins.ts'
import type { Api } from './api.ts'
import { builtinApis } from './index.ts'
import { openai } from './openai.ts'

/** The API that `spec` names: a built-in one, or a user's by path. Throws `PluginError`. */
export const loadApi = (spec: string): Promise<Api> =>
  loadPlugin(spec, {
    label: 'API',
    // The servers that we start speak OpenAI's protocol.
    builtins: [...builtinApis, { ...openai, names: servedApis }],
    methods: ['buildRequest', 'readChunk', 'readBody'],
    defaults: { endpoints: [] },
  })
