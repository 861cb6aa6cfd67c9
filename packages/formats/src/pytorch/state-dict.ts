// Finds the weights in what a pickle holds: a dictionary of tensors, possibly nested in a training checkpoint, with prefixes that wrappers leave.
import { fail } from '../errors.ts'
import { kindOf, type PickleDict, type PickleValue, textPairs } from '../pickle/values.ts'
import { isTensorCall } from './tensor-record.ts'

/** Levels of dictionaries looked through for the model's. Training checkpoints have two or three. */
const MAX_DEPTH = 8
/** Numbers and texts beside the weights that are kept. Hyperparameters are some dozens. */
const MAX_SCALARS = 1000

/** Keys under which training scripts put the model, the most telling first. */
const MODEL_KEYS = ['state_dict', 'model_state_dict', 'model', 'module', 'net', 'weights'] as const
/** What DistributedDataParallel and torch.compile put before every name. */
const WRAPPER_PREFIXES = ['module.', '_orig_mod.'] as const

export type StateDict = {
  /** Tensor records by name, in the order they were saved. */
  readonly tensors: ReadonlyMap<string, PickleValue>
  /** Numbers, text and booleans found beside the weights, by dotted name: `model_args.dim`. */
  readonly scalars: ReadonlyMap<string, number | string | boolean>
}

/**
 * Finds the model's tensors in the value of a checkpoint's pickle.
 * @throws FsError pytorch/no-weights, pytorch/cycle
 */
export function findStateDict(value: PickleValue, file: string): StateDict {
  if (!isDict(value)) throw fail('pytorch/no-weights', `${file} holds a ${kindOf(value)}, not a dictionary of tensors`, { file })
  const chosen = chooseDict(value, file)
  const tensors = new Map([...textPairs(chosen)].filter(([, candidate]) => isTensorCall(candidate)))
  return { tensors: withoutPrefixes(tensors), scalars: collectScalars(value, chosen) }
}

/** Goes down while there is a dictionary with a telling name or, where no tensor is at hand, exactly one dictionary. */
function chooseDict(root: PickleDict, file: string): PickleDict {
  const path: PickleDict[] = []
  for (let current = root; path.length < MAX_DEPTH; ) {
    if (path.includes(current)) throw fail('pytorch/cycle', `${file}: a dictionary in it contains itself`, { file })
    path.push(current)
    const pairs = textPairs(current)
    const dicts = [...pairs].filter((pair): pair is [string, PickleDict] => isDict(pair[1]) && pair[1].pairs.length > 0)
    const told = MODEL_KEYS.map((key) => dicts.find(([name]) => name === key)).find((pair) => pair !== undefined)
    if (told !== undefined) {
      current = told[1]
      continue
    }
    if ([...pairs.values()].some(isTensorCall)) return current
    const withTensors = dicts.filter(([, dict]) => dict.pairs.some(([, value]) => isTensorCall(value)))
    const candidates = withTensors.length > 0 ? withTensors : dicts
    if (candidates.length > 1) {
      const names = candidates.slice(0, 5).map(([name]) => name)
      throw fail('pytorch/no-weights', `${file} holds several dictionaries (${names.join(', ')}); save the model's state_dict alone`, {
        file,
        names,
      })
    }
    if (candidates[0] === undefined) break
    current = candidates[0][1]
  }
  throw fail('pytorch/no-weights', `${file} holds no dictionary of tensors`, { file })
}

function isDict(value: PickleValue): value is PickleDict {
  return kindOf(value) === 'dict'
}

/** Takes a wrapper's prefix off when every name has it, as often as it is there. */
function withoutPrefixes(tensors: ReadonlyMap<string, PickleValue>): ReadonlyMap<string, PickleValue> {
  const names = [...tensors.keys()]
  const prefix = WRAPPER_PREFIXES.find(
    (candidate) => names.length > 0 && names.every((name) => name.startsWith(candidate) && name !== candidate),
  )
  if (prefix === undefined) return tensors
  return withoutPrefixes(new Map([...tensors].map(([name, value]) => [name.slice(prefix.length), value])))
}

/** Plain values outside the model's dictionary. Each dictionary is visited once, so one that occurs everywhere costs nothing. */
function collectScalars(root: PickleDict, model: PickleDict): Map<string, number | string | boolean> {
  const found = new Map<string, number | string | boolean>()
  const seen = new Set<PickleDict>([model])
  const visit = (dict: PickleDict, prefix: string, depth: number) => {
    if (seen.has(dict) || depth === MAX_DEPTH) return
    seen.add(dict)
    for (const [key, value] of textPairs(dict)) {
      if (found.size === MAX_SCALARS) return
      if (isDict(value)) visit(value, `${prefix}${key}.`, depth + 1)
      else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') found.set(`${prefix}${key}`, value)
    }
  }
  visit(root, '', 0)
  return found
}
