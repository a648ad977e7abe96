import type { Rng } from '../../stats/rng.ts'

/** The items in an order that is drawn, by Fisher and Yates: every order is as likely as any other. */
export const shuffled = <Item>(items: readonly Item[], rng: Rng): readonly Item[] => {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = rng.integer(0, last)
    const item = order[last] as Item
    order[last] = order[other] as Item
    order[other] = item
  }
  return order
}
