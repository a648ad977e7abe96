/** Chinese for what speaks against a run: `stats/verdict-rules.ts`, what its measures find, and what judges no run. */
export const chineseReasons = {
  'client slow': '客户端过慢',
  'client starved': '客户端缺少 CPU',
  'schedule missed': '未按计划发送',
  'concurrency missed': '未达到并发数',
  'dataset too slow': '数据集过慢',
  'requests failed': '请求失败',
  'requests cut off': '请求被中断',
  'not what was asked': '与要求不符',
  'too few samples': '样本不足',

  'What the client adds passes for time of the server; two engines are often not further apart than 5%':
    '客户端增加的时间会被算作服务器的时间，而两个推理引擎的差距往往不超过 5%',
  'A pause for garbage in a hundred chunks is tolerable; with more, p99 and max are not those of the server':
    '一百个数据块中有一次垃圾回收停顿尚可容忍；再多，p99 与最大值就不是服务器的了',
  'TTFT and latency count from sent, so this passes for time of the server, too':
    'TTFT 与延迟从发送时刻起算，因此这段时间也会被算作服务器的时间',
  'What comes meanwhile is stamped late, and no stamp shows it':
    '这期间到达的数据会被打上偏晚的时间戳，而时间戳本身看不出来',
  'What wakes it up is stamped that much late, and no stamp shows it':
    '唤醒线程的数据会晚这么久才打上时间戳，而时间戳本身看不出来',
  'A quota stops everything for up to 100 ms; in more than one of a hundred, that is what p99 shows':
    '配额会让一切停顿最多 100 ms；超过百分之一的周期如此时，p99 反映的就是它',
  'The load was not the one that was asked for; a machine that sends late stamps late, too':
    '实际负载不是所要求的负载；发送偏晚的机器，时间戳也会偏晚',
  'The rate was not the one that was asked for; less is the grain of a timer at either end':
    '实际速率不是所要求的速率；更小的偏差属于两端定时器的粒度',
  'The server had less to do than was asked for, so its latencies look better':
    '服务器承担的负载低于要求，因此延迟显得更好',
  'The server waited for this client': '服务器在等待本客户端',
  'Figures know only of successes, and a server that refuses some has less to do for the others':
    '各项指标只统计成功的请求，而拒绝了一部分请求的服务器处理其余请求时更轻松',
  'They are those that take longest: latencies are too low, and throughputs lack what was under way':
    '被中断的正是耗时最长的请求：延迟因此偏低，吞吐量也不含未完成的部分',
  'Shorter answers take less time, and other servers may give whole ones':
    '较短的回答耗时更少，而其他服务器可能给出完整的回答',
  'Prompts are not as long as they were to be': '提示的长度与要求不符',
  'They were sent before, so TTFT and throughput are those of a warm cache':
    '这些内容此前发送过，因此 TTFT 与吞吐量反映的是缓存已预热的情形',
  'One lucky or unlucky request may decide over the gate': '一个偶然偏快或偏慢的请求就可能决定门槛是否通过',

  'raise --workers, ask for fewer streams, or take faster cores; a plugin must not compute for long':
    '请增大 --workers、减少并发的流，或换用更快的 CPU 核；插件不应长时间计算',
  'run the client on a machine of its own, or with fewer programs beside it; more --workers do not help':
    '请让客户端独占一台机器，或减少同机运行的程序；增大 --workers 没有帮助',
  'raise the CPU limit of the container': '请提高容器的 CPU 限额',
  'lower --rate, raise --workers, or see that nothing else runs':
    '请降低 --rate、增大 --workers，或确保没有其他程序在运行',
  'raise --workers; where answers take few ms, a slot cannot be refilled in no time':
    '请增大 --workers；回答只需几毫秒时，空出的槽位无法立即补上',
  'give --number, so that prompts are made before the clock starts, raise --num-workers, or prepare a file':
    '请给出 --number，使提示在计时开始前生成，或增大 --num-workers，或事先准备好文件',
  'see the table of failures': '请查看失败列表',
  'raise --grace, or give --number instead of --duration': '请增大 --grace，或用 --number 代替 --duration',
  'give --extra-args \'{"ignore_eos": true}\' where the server knows it':
    '若服务器支持，请加上 --extra-args \'{"ignore_eos": true}\'',
  "give the model's own tokenizer, and see what the server adds": '请使用该模型自己的分词器，并查看服务器添加了什么',
  'give another --seed, or empty the cache of the server': '请更换 --seed，或清空服务器的缓存',
  'raise --number or --duration, or use a lower percentile': '请增大 --number 或 --duration，或采用较低的百分位',

  // The one whose middle has a colon of its own.
  '{}; the bound is {}. They are those that take longest: latencies are too low, and throughputs lack what was under way: {}.':
    '{1}；界限为 {2}。被中断的正是耗时最长的请求：延迟因此偏低，吞吐量也不含未完成的部分：{3}。',
  '{}; the bound is {}. {}: {}.': '{1}；界限为 {2}。{3}：{4}。',
  "{} were {} ms late through this client's own work (p{} of worker thread {}), {}% of the p50 of {}, {} ms":
    '{1}因本客户端自身的工作而晚了 {2} ms（p{3}，工作线程 {4}），占 {6} 的 p50（{7} ms）的 {5}%',
  "{} were {} ms late through this client's own work (p{}), {}% of the p50 of {}, {} ms":
    '{1}因本客户端自身的工作而晚了 {2} ms（p{3}），占 {5} 的 p50（{6} ms）的 {4}%',
  'stamps of answers': '回答的时间戳',
  'stamps of first chunks': '首数据块的时间戳',
  stamps: '时间戳',
  latency: '延迟',
  'requests were written {} ms after they were sent (p50), {}% of the p50 of {}, {} ms, though all connections were open':
    '尽管所有连接都已建立，请求在发送 {1} ms 之后才写出（p50），占 {3} 的 p50（{4} ms）的 {2}%',
  '{} was ready to work and had no core {}% of the time': '{1}有 {2}% 的时间已就绪却没有可用的 CPU 核',
  '{} waited {} ms for a core on average, {}% of the p50 of {}, {} ms':
    '{1}平均等待 CPU 核 {2} ms，占 {4} 的 p50（{5} ms）的 {3}%',
  'the thread that sends': '发送线程',
  'worker thread {}': '工作线程 {1} ',
  'a CPU quota stopped this process in {}% of its periods': 'CPU 配额在 {1}% 的周期中暂停了本进程',
  'requests left {} ms late (p{})': '请求晚发 {1} ms（p{2}）',
  'requests left over {} where the schedule took {}': '请求在 {1} 内发出，而计划为 {2}',
  '{} of {} requests were in flight on average{}, {}%{}': '{3}平均有 {1} 个请求在途（目标 {2} 个），即 {4}%{5}',
  ' while the load was steady': '负载稳定期间',
  ', and never {} at a time': '，且从未同时达到 {1} 个',
  '{} requests waited up to {} ms for their prompts, in all {}% of all latencies':
    '{1} 个请求等待提示，最长 {2} ms，合计占全部延迟的 {3}%',
  '{} of {} requests failed, {}% succeeded': '{2} 个请求中有 {1} 个失败，成功率 {3}%',
  '{} of {} requests were cut off when --grace was over, {}%': '{2} 个请求中有 {1} 个在 --grace 到期时被中断，占 {3}%',
  'answers have {} tokens on average, {}% of the {} that --min-tokens and --max-tokens ask for':
    '回答平均 {1} 个 Token，为 --min-tokens 与 --max-tokens 所要求的 {3} 个的 {2}%',
  'the server counts {} prompt tokens on average where the tokenizer counts {}, {}% off':
    '服务器平均计得 {1} 个提示 Token，分词器计得 {2} 个，相差 {3}%',
  'the server had {}% of the prompt tokens in its cache{}': '服务器的缓存命中了 {1}% 的提示 Token{2}',
  ', {} a prompt for the chat template not counted': '（每个提示中属于对话模板的 {1} 个不计）',

  '{}, which a gate uses, rests on {} of the {} samples that it takes, {}%':
    '门槛所用的 {1} 需要 {3} 个样本，实际只有 {2} 个，即 {4}%',

  'the run was interrupted, and nobody knows what the rest would have shown': '运行被中断，其余部分会如何无从得知',
  'the dataset broke before the run was over': '运行尚未结束时数据集出错',
  'no request came to its end': '没有任何请求结束',
  'the run took {} s, and below {} s there is too little to judge': '运行仅 {1} s，短于 {2} s 时数据太少，无法判断',
  'the run is still under way, and its database holds {} request[s|] so far': '运行仍在进行，数据库中目前有 {1} 个请求',
  'the run did not come to its end, and its database holds {} request[s|]': '运行未能正常结束，数据库中有 {1} 个请求',
  'the database of the run is damaged, and {} request[s|] of it can be read':
    '运行的数据库已损坏，其中 {1} 个请求可以读取',
  '{} before the run was over: the figures cover the requests that had ended by then':
    '运行提前结束（{1}）：数字只涵盖当时已结束的请求',
  'the run was stopped': '运行被停止',
  'the server was gone': '服务器已不可达',
  'the load stood still': '负载停滞不前',
  'a worker thread was lost': '一个工作线程已丢失',
}
