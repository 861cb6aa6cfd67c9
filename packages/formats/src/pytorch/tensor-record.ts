// Reads the record of one tensor in a pickle: which storage, where in it, shape and strides. Where storages lie is the container's business.
import { DTYPES, type Dtype } from '@fs/core'
import { fail } from '../errors.ts'
import { kindOf, type PickleValue } from '../pickle/values.ts'
import { STORAGE_DTYPES, TENSOR_FUNCTIONS, TORCH_DTYPES } from './globals.ts'

/** A tensor as recorded. Everything is checked for its kind and sign, nothing yet against the storage's real size. */
export type TensorRecord = {
  readonly type: Dtype
  readonly storage: string
  /** Bytes the storage is declared to have. */
  readonly storageBytes: number
  /** First element, counted in elements of `type` from the start of the storage. */
  readonly start: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** Parameters around tensors around parameters: torch writes two levels. */
const MAX_WRAPS = 4

/** Whether a value is a tensor's record. */
export function isTensorCall(value: PickleValue): value is PickleValue & { readonly kind: 'call' } {
  return kindOf(value) === 'call' && Object.hasOwn(TENSOR_FUNCTIONS, (value as { callee: string }).callee)
}

/**
 * Reads the record of tensor `tensor`.
 * @throws FsError pytorch/tensor, pytorch/dtype, pytorch/stride
 */
export function readTensorRecord(value: PickleValue, file: string, tensor: string): TensorRecord {
  const [callee, args] = unwrap(value, file, tensor)
  const [storage, start, shape, strides] = args
  const reference = readStorage(storage ?? null, file, tensor)
  const isUntyped = TENSOR_FUNCTIONS[callee] === 'untyped-storage'
  const type = isUntyped ? dtypeOf(args[6] ?? null, file, tensor) : reference.type
  const sizes = wholeNumbers(shape ?? null)
  const steps = wholeNumbers(strides ?? null)
  if (!isCount(start) || sizes === undefined || steps === undefined || sizes.length !== steps.length || !sizes.every(isCount)) {
    throw malformed(file, tensor, 'offset, shape and strides do not make sense')
  }
  const negative = steps.find((step) => step < 0)
  if (negative !== undefined)
    throw fail('pytorch/stride', `${file}: tensor "${tensor}" has the negative stride ${negative}`, { file, tensor })
  return { type, storage: reference.key, storageBytes: reference.bytes, start, shape: sizes, strides: steps }
}

/** Takes off the functions that only wrap another record (parameters, subclasses). */
function unwrap(value: PickleValue, file: string, tensor: string): [keyof typeof TENSOR_FUNCTIONS, readonly PickleValue[]] {
  let current = value
  for (let wraps = 0; wraps < MAX_WRAPS; wraps++) {
    if (!isTensorCall(current)) break
    const { callee, args } = current as { callee: keyof typeof TENSOR_FUNCTIONS; args: readonly PickleValue[] }
    const how = TENSOR_FUNCTIONS[callee]
    switch (how) {
      case 'typed-storage':
      case 'untyped-storage':
        return [callee, args]
      case 'wraps-tensor':
        current = args[0] ?? null
        break
      case 'wraps-function': {
        // (function, type, arguments, state): the function rebuilds the tensor, the type only names its class.
        const [inner, , innerArgs] = args
        const isCall = inner !== undefined && innerArgs !== undefined && kindOf(inner) === 'global' && kindOf(innerArgs) === 'tuple'
        if (!isCall) throw malformed(file, tensor, 'its rebuilding function is none')
        current = { kind: 'call', callee: (inner as { name: string }).name, args: (innerArgs as { items: PickleValue[] }).items }
        break
      }
      default:
        how satisfies never
    }
  }
  throw malformed(file, tensor, 'it is wrapped too often or in something else')
}

/** `('storage', class, key, device, count, …)`, as torch's persistent_id writes it (torch/serialization.py). */
function readStorage(
  value: PickleValue,
  file: string,
  tensor: string,
): { readonly type: Dtype; readonly key: string; readonly bytes: number } {
  const id = kindOf(value) === 'persistent' ? (value as { id: PickleValue }).id : null
  const [word, storageClass, key, , count, view] = id !== null && kindOf(id) === 'tuple' ? (id as { items: PickleValue[] }).items : []
  if (word !== 'storage' || typeof key !== 'string' || !isCount(count) || storageClass === undefined || kindOf(storageClass) !== 'global') {
    throw malformed(file, tensor, 'its storage is not recorded as torch.save does')
  }
  // Files of PyTorch 0.3 may hold storages that are windows into others; no published model does.
  if (view !== undefined && view !== null)
    throw malformed(file, tensor, 'its storage is a view of another storage, as only PyTorch before 0.4 wrote')
  const { name } = storageClass as { name: string }
  const type = STORAGE_DTYPES.get(name)
  if (type === undefined)
    throw fail('pytorch/dtype', `${file}: tensor "${tensor}" is stored as ${name}, which is not supported`, { file, tensor })
  const bytes = count * DTYPES[type].bytes
  if (!Number.isSafeInteger(bytes)) throw malformed(file, tensor, 'its storage is larger than any file')
  return { type, key, bytes }
}

function dtypeOf(value: PickleValue, file: string, tensor: string): Dtype {
  const name = kindOf(value) === 'global' ? (value as { name: string }).name : kindOf(value)
  const type = TORCH_DTYPES.get(name)
  if (type === undefined)
    throw fail('pytorch/dtype', `${file}: tensor "${tensor}" has dtype ${name}, which is not supported`, { file, tensor })
  return type
}

/** Items of a tuple (or torch.Size of one) when all are exact whole numbers of either sign. */
function wholeNumbers(value: PickleValue): number[] | undefined {
  if (kindOf(value) === 'call') return wholeNumbers((value as { args: readonly PickleValue[] }).args[0] ?? null)
  if (kindOf(value) !== 'tuple' && kindOf(value) !== 'list') return undefined
  const { items } = value as { items: PickleValue[] }
  return items.every((item): item is number => typeof item === 'number' && Number.isSafeInteger(item)) ? items : undefined
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function malformed(file: string, tensor: string, what: string) {
  return fail('pytorch/tensor', `${file}: tensor "${tensor}" cannot be read: ${what}`, { file, tensor })
}
