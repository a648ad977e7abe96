/** What `--help` lists: the built-in datasets by their first names, known before any is loaded. */
export const datasetNames: readonly string[] = [
  ...['openqa', 'longalpaca', 'share_gpt_zh', 'share_gpt_en', 'line_by_line', 'custom', 'random', 'random_vl'],
  ...['flickr8k', 'kontext_bench', 'speed_benchmark', 'speed_benchmark_long', 'random_multi_turn'],
  ...['custom_multi_turn', 'share_gpt_zh_multi_turn', 'share_gpt_en_multi_turn', 'swe_smith'],
  ...['trie_agentic_coding', 'trie_code_qa', 'trie_office_work', 'workload_trace', 'embedding', 'embedding_batch'],
  ...['random_embedding', 'random_embedding_batch', 'rerank', 'random_rerank'],
]
