/** A small chart with all that belongs to it. */
export const cellPx = { width: 392, height: 300 }

/** Around the plot within its cell: values of the axis on the left, the title above, loads and their name below. */
export const aroundPx = { left: 62, right: 16, top: 42, bottom: 56 }

/** Where values are drawn. */
export const plotPx = {
  width: cellPx.width - aroundPx.left - aroundPx.right,
  height: cellPx.height - aroundPx.top - aroundPx.bottom,
}
