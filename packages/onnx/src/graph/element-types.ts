// The element types of values in our graphs, with their ONNX number and size.
// Types of stored weights are another matter: see `weights/`.
import { TensorProto_DataType } from '../proto/onnx_pb.ts'

export const ELEMENT_TYPES = {
  float32: { id: TensorProto_DataType.FLOAT, bytes: 4 },
  float16: { id: TensorProto_DataType.FLOAT16, bytes: 2 },
  uint8: { id: TensorProto_DataType.UINT8, bytes: 1 },
  int32: { id: TensorProto_DataType.INT32, bytes: 4 },
  int64: { id: TensorProto_DataType.INT64, bytes: 8 },
  bool: { id: TensorProto_DataType.BOOL, bytes: 1 },
} as const satisfies { readonly [name: string]: { readonly id: TensorProto_DataType; readonly bytes: number } }

export type ElementType = keyof typeof ELEMENT_TYPES

/** The float types activations may have. */
export type FloatType = 'float32' | 'float16'
