/** Chinese for gates and what became of them: `stats/gates.ts`, `run/baseline.ts`. */
export const chineseGates = {
  '{} worse by more than {} and {}': '{1} 变差超过 {2} 且 {3}',
  '{} worse by more than {}': '{1} 变差超过 {2}',
  'worse than the baseline': '比基线差',
  '{} is exactly {}': '{1} 恰为 {2}',
  '{} is {}, as in the baseline': '{1} 为 {2}，与基线相同',
  '{} is {}, {} % and {} above the {} of the baseline': '{1} 为 {2}，比基线的 {5} 高 {3} %（{4}）',
  '{} is {}, {} % and {} below the {} of the baseline': '{1} 为 {2}，比基线的 {5} 低 {3} %（{4}）',
  '{} is {}, {} % above the {} of the baseline, but only {}': '{1} 为 {2}，比基线的 {4} 高 {3} %，但只差 {5}',
  '{} is {}, {} % below the {} of the baseline, but only {}': '{1} 为 {2}，比基线的 {4} 低 {3} %，但只差 {5}',
  '{} is {}, {} above the {} of the baseline, but only {} %': '{1} 为 {2}，比基线的 {4} 高 {3}，但只有 {5} %',
  '{} is {}, {} below the {} of the baseline, but only {} %': '{1} 为 {2}，比基线的 {4} 低 {3}，但只有 {5} %',
  '{} is {}, {} % above the {} of the baseline': '{1} 为 {2}，比基线的 {4} 高 {3} %',
  '{} is {}, {} % below the {} of the baseline': '{1} 为 {2}，比基线的 {4} 低 {3} %',
  '{} is {}, above the {} of the baseline': '{1} 为 {2}，高于基线的 {3}',
  '{} is {}, below the {} of the baseline': '{1} 为 {2}，低于基线的 {3}',
  '{} is {}, above {}': '{1} 为 {2}，高于 {3}',
  '{} is {}, below {}': '{1} 为 {2}，低于 {3}',
  'there is no such figure': '没有该指标',
  'this version knows no figure {}': '本版本不认识指标 {1}',
  'the run has no {}: nothing was measured that it is made of': '本次运行没有 {1}：未测得计算它所需的数据',
  '{} rests on {} sample[s|] and takes {}: make a longer run, with --number {} or more':
    '{1} 只有 {2} 个样本，需要 {3} 个：请延长运行，--number 至少为 {4}',
  '{} rests on {} sample[s|] and takes {}: make a longer run, with more --number or --duration':
    '{1} 只有 {2} 个样本，需要 {3} 个：请增大 --number 或 --duration',
  '{} of the baseline rests on {} sample[s|] and takes {}: make a longer one, with --number {} or more':
    '基线的 {1} 只有 {2} 个样本，需要 {3} 个：请用更长的运行作基线，--number 至少为 {4}',
  '{} of the baseline rests on {} sample[s|] and takes {}: make a longer one, with more --number or --duration':
    '基线的 {1} 只有 {2} 个样本，需要 {3} 个：请增大 --number 或 --duration 重做基线',
  'the baseline has no run at {}': '基线没有 {1} 的运行',
  'the baseline has no {}': '基线没有 {1}',
}
