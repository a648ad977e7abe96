import { loadPlugin } from '../plugins.ts'
import type { Dataset } from './dataset.ts'
import { builtinDatasets } from './index.ts'

/** The dataset that `spec` names: a built-in one, or a user's by path. Throws `PluginError`. */
export const loadDataset = (spec: string): Promise<Dataset> =>
  loadPlugin(spec, { label: 'dataset', builtins: builtinDatasets, methods: ['open'], defaults: {} })
