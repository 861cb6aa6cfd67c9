// The page of one quantized file: what each tensor lost, where it lost most, and how its weights lie.
// The figures are `@fs/quant/error-report`'s.
import { modelError, type QuantizedTensor } from '@fs/quant/error-report'
import { atLeast, type Chart, chart, logarithmicAxis, nameAxis } from './chart.ts'
import { renderPage } from './page.ts'

export type Quantization = {
  readonly model: string
  /** File type, `Q4_K_M`. */
  readonly type: string
  /** Bytes of all files. */
  readonly size: number
  readonly tensors: readonly QuantizedTensor[]
}

/** Told apart by colours of their own; more by shades of one. */
const FEW_LAYERS = 5

/** Below this a float32 weight is the same. */
const LEAST = 1e-9

export async function quantizationReport({ model, type, size, tensors }: Quantization): Promise<string> {
  const whole = modelError(tensors)
  const changed = tensors.filter(({ error }) => error.rmse > 0)
  const notFinite = tensors.filter(({ error }) => error.notFinite > 0)
  return renderPage({
    title: `${model} as ${type}`,
    verdict: {
      holds: notFinite.length > 0 ? 'no' : 'unjudged',
      text: `${whole.bitsPerWeight.toFixed(2)} bits a weight, ${percent(whole.relativeError)} relative error`,
    },
    reasons: notFinite.map(({ name, error }) => `${name}: ${error.notFinite} weights are NaN or infinite`),
    facts: [
      ['size', `${(size / 1e6).toFixed(1)} MB`],
      ['weights', `${(whole.elements / 1e6).toFixed(2)} M in ${tensors.length} tensors`],
      ['tensors that changed', String(changed.length)],
      ['most lost', whole.worst === undefined ? 'nothing' : `${whole.worst.name}, ${percent(whole.worst.error.relativeError)}`],
    ],
    charts: changed.length === 0 ? [] : [await errorChart(changed), await sizeChart(tensors), ...(await weightCharts(changed))],
    tables: [{ title: 'Tensors', heading: HEADING, rows: tensors.map(rowOf) }],
  })
}

function errorChart(tensors: readonly QuantizedTensor[]): Promise<Chart> {
  const data = tensors.map(({ name, type, error }) => ({
    name: name.replace(/\.weight$/, ''),
    type,
    error: atLeast(error.relativeError, LEAST),
  }))
  const y = logarithmicAxis(
    'error',
    'relative error',
    data.map(({ error }) => error),
    '.1~%',
  )
  const color = { field: 'type', type: 'nominal', title: null } as const
  return chart('What each tensor lost', { data, mark: { type: 'point', filled: true }, encoding: { x: nameAxis('name'), y, color } })
}

function sizeChart(tensors: readonly QuantizedTensor[]): Promise<Chart> {
  const types = [...new Set(tensors.map(({ type }) => type))]
  const data = types.map((type) => ({
    type,
    size: tensors.reduce((sum, tensor) => sum + (tensor.type === type ? tensor.bytes : 0), 0) / 1e6,
  }))
  return chart('Megabytes by type', {
    data,
    mark: 'bar',
    height: 24 * types.length,
    encoding: {
      x: { field: 'size', type: 'quantitative', title: 'MB' },
      y: { field: 'type', type: 'nominal', sort: '-x', title: null },
    },
  })
}

/** One plot for each kind of tensor, with a line for each layer: a layer whose weights lie otherwise than its neighbours' stands out. */
function weightCharts(tensors: readonly QuantizedTensor[]): Promise<readonly Chart[]> {
  const kinds = [...new Set(tensors.map(({ name }) => kindOf(name)))]
  return Promise.all(
    kinds.map((kind) => {
      const data = tensors.filter(({ name }) => kindOf(name) === kind).flatMap(histogramPoints)
      const layers = new Set(data.map(({ layer }) => layer)).size
      return chart(`Weights of ${kind}`, {
        data,
        mark: { type: 'line', interpolate: 'monotone', strokeWidth: 1 },
        encoding: {
          x: { field: 'weight', type: 'quantitative', title: 'weight' },
          y: logarithmicAxis(
            'share',
            'share in 1/64 of the range',
            data.map(({ share }) => share),
          ),
          detail: { field: 'name', type: 'nominal' },
          color:
            layers > FEW_LAYERS
              ? { field: 'layer', type: 'quantitative', title: 'layer', legend: { format: 'd', tickMinStep: 1 } }
              : { field: 'layer', type: 'nominal', title: layers > 1 ? 'layer' : null, legend: layers > 1 ? {} : null },
        },
      })
    }),
  )
}

/** Only bins that hold something, which a logarithm has a place for. */
function histogramPoints({ name, error }: QuantizedTensor) {
  const { limit, counts } = error.histogram
  const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0)
  return counts.flatMap((count, bin) => {
    const weight = limit * ((2 * bin + 1) / counts.length - 1)
    return count === 0 ? [] : [{ name, layer, weight, share: count / error.elements }]
  })
}

function kindOf(name: string): string {
  return name.replace(/^blk\.\d+\./, 'blk.*.')
}

const HEADING = [
  'tensor',
  'type',
  'bits',
  'RMSE',
  'relative',
  'cosine',
  'largest error',
  'worst block',
  'its RMSE',
  'its relative',
] as const

function rowOf({ name, shape, from, type, bytes, error }: QuantizedTensor): readonly string[] {
  const { rmse, relativeError, cosine, largestError, worstBlock, elements, notFinite } = error
  const columns = shape.at(-1) ?? 1
  const place = (index: number) => `${Math.floor(index / columns)}, ${index % columns}`
  const named = [name, from === type ? type : `${from} → ${type}`, ((8 * bytes) / Math.max(1, elements + notFinite)).toFixed(2)]
  if (rmse === 0) return [...named, '0', '0', '1', '', '', '', '']
  return [
    ...named,
    rmse.toExponential(2),
    percent(relativeError),
    cosine.toFixed(6),
    `${largestError.original.toPrecision(3)} → ${largestError.restored.toPrecision(3)} at ${place(largestError.index)}`,
    `${worstBlock.length} from ${place(worstBlock.index)}`,
    worstBlock.rmse.toExponential(2),
    percent(worstBlock.relativeError),
  ]
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(3)} %`
}
