// Planning a conversion to an ONNX folder. Apart from the other plans, since graphs bring protobuf with them.
export { type OnnxRequest, planOnnx } from './plan-onnx.ts'
