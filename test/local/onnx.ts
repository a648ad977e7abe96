// As much of ONNX's protocol buffers as a small graph takes; field numbers are those of onnx.proto3.

type Field = Uint8Array

/** A value with named dimensions: a number is a fixed size, a text any. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float' | 'int64'
  readonly dims: readonly (number | string)[]
}

/** A constant of the graph. */
export interface OnnxConstant {
  readonly name: string
  readonly values: Float32Array | BigInt64Array
  /** None for a scalar. */
  readonly dims: readonly number[]
}

/** One operation; attributes are whole numbers. */
export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, number>>
}

/** A graph of operations. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxConstant[]
  readonly nodes: readonly OnnxNode[]
}

const elementTypes = { float: 1, int64: 7 } as const
const irVersion = 8
const operatorSet = 17

/** The bytes of a .onnx file. */
export const onnxFile = (graph: OnnxGraph): Uint8Array =>
  Buffer.concat([
    number(1, irVersion),
    message(8, [text(1, ''), number(2, operatorSet)]),
    message(7, [
      ...graph.nodes.map(node => message(1, nodeFields(node))),
      text(2, 'graph'),
      ...graph.constants.map(constant => message(5, constantFields(constant))),
      ...graph.inputs.map(value => message(11, valueFields(value))),
      ...graph.outputs.map(value => message(12, valueFields(value))),
    ]),
  ])

const nodeFields = ({ op, inputs, outputs, attributes = {} }: OnnxNode): Field[] => [
  ...inputs.map(name => text(1, name)),
  ...outputs.map(name => text(2, name)),
  text(4, op),
  // Attribute type 2 is one whole number.
  ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), number(3, value), number(20, 2)])),
]

const constantFields = ({ name, values, dims }: OnnxConstant): Field[] => [
  ...dims.map(size => number(1, size)),
  number(2, values instanceof Float32Array ? elementTypes.float : elementTypes.int64),
  text(8, name),
  bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
]

const valueFields = ({ name, type, dims }: OnnxValue): Field[] => {
  const sizes = dims.map(dim => message(1, [typeof dim === 'number' ? number(1, dim) : text(2, dim)]))
  return [text(1, name), message(2, [message(1, [number(1, elementTypes[type]), message(2, sizes)])])]
}

const varint = (value: number): Uint8Array => {
  const digits: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128)
  return Uint8Array.from([...digits, rest])
}

const number = (field: number, value: number): Field => Buffer.concat([varint(field * 8), varint(value)])

const bytes = (field: number, content: Uint8Array): Field =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content])

const text = (field: number, content: string): Field => bytes(field, Buffer.from(content))

const message = (field: number, fields: readonly Field[]): Field => bytes(field, Buffer.concat(fields))
