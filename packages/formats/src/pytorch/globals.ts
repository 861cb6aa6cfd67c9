// Every class and function a PyTorch file may name, and what is made of it. None is imported or run: a name stands for itself.
// The list is what torch.save writes for tensors (torch/_utils.py, torch/storage.py, torch/_tensor.py), and plain values kept beside them.
import type { Dtype } from '@fs/core'
import type { AllowedGlobals } from '../pickle/machine.ts'

/** Number format of each storage class. Classes for complex and quantized numbers are absent: their tensors are refused by name. */
export const STORAGE_DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
  // Bytes whose format the tensor itself names (`_rebuild_tensor_v3`).
  ['torch.storage.UntypedStorage', 'U8'],
  ['torch.UntypedStorage', 'U8'],
])

/** Number formats by the name of torch's dtype object. */
export const TORCH_DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['torch.float64', 'F64'],
  ['torch.float32', 'F32'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint64', 'U64'],
  ['torch.uint32', 'U32'],
  ['torch.uint16', 'U16'],
  ['torch.uint8', 'U8'],
  ['torch.bool', 'BOOL'],
])

/** How the arguments of each function that rebuilds a tensor are read. */
export const TENSOR_FUNCTIONS = {
  'torch._utils._rebuild_tensor': 'typed-storage',
  'torch._utils._rebuild_tensor_v2': 'typed-storage',
  'torch._utils._rebuild_tensor_v3': 'untyped-storage',
  'torch._utils._rebuild_parameter': 'wraps-tensor',
  'torch._utils._rebuild_parameter_with_state': 'wraps-tensor',
  'torch._tensor._rebuild_from_type_v2': 'wraps-function',
} as const satisfies { readonly [name: string]: string }

/** Names that occur beside tensors in training checkpoints and whose values are not looked at. */
const PLAIN_VALUES = [
  'torch.Size',
  'torch.Tensor',
  'torch.device',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
  'torch.serialization._get_layout',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  '_codecs.encode',
  'builtins.set',
  '__builtin__.set',
] as const

export const TORCH_GLOBALS: AllowedGlobals = new Map([
  ['collections.OrderedDict', 'dict'],
  ...[...STORAGE_DTYPES.keys(), ...TORCH_DTYPES.keys(), ...Object.keys(TENSOR_FUNCTIONS), ...PLAIN_VALUES].map(
    (name) => [name, 'record'] as const,
  ),
])
