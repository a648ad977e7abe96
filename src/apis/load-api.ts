import { simulatedApi } from '../arguments/endpoint.ts'
import { loadPlugin } from '../plugins.ts'
import type { Api } from './api.ts'
import { builtinApis } from './index.ts'
import { openai } from './openai.ts'

/** The API that `spec` names: a built-in one, or a user's by path. Throws `PluginError`. */
export const loadApi = (spec: string): Promise<Api> =>
  loadPlugin(spec, {
    label: 'API',
    // Our own server speaks OpenAI's protocol.
    builtins: [...builtinApis, { ...openai, names: [simulatedApi] }],
    methods: ['buildRequest', 'readChunk', 'readBody'],
    defaults: { endpoints: [] },
  })
