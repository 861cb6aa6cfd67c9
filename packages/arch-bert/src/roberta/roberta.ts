// RoBERTa and XLM-RoBERTa (BGE-M3, multilingual E5): BERT whose positions start behind the padding token's number.
// Facts: transformers modeling_roberta.py, create_position_ids_from_input_ids; llama.cpp conversion/bert.py, RobertaModel.
import { type Architecture, defineArch, type HuggingFaceView } from '@fs/arch'
import { type Field, observed } from '@fs/arch/fields'
import { denseNotInGguf } from '@fs/arch/sentence-transformers'
import {
  describeEncoder,
  encoderAliases,
  encoderFields,
  encoderIgnored,
  encoderLeftOut,
  encoderNotices,
  encoderWeights,
} from '../encoder.ts'

const unused = (view: HuggingFaceView): number => (view.integer('pad_token_id') ?? 1) + 1

/** Rows of the position table before the first position. Gone in GGUF, so given back with the usual padding token, 1. */
const unusedPositions = (): Field<number> =>
  observed({ fromHuggingFace: unused, fromGguf: () => 2, toHuggingFace: (rows) => ({ pad_token_id: rows - 1 }) })

/** The positions that can be used; config.json counts the unused rows too. */
const contextLength = (): Field<number> =>
  observed({
    fromHuggingFace: (view) => (view.integer('max_position_embeddings') ?? 514) - unused(view),
    fromGguf: (view) => view.number('context_length') ?? 512,
    toHuggingFace: (length) => ({ max_position_embeddings: length + 2 }),
    toGguf: (value) => [['context_length', { type: 'UINT32', value }]],
  })

type Names = {
  readonly id: string
  readonly title: string
  readonly huggingFace: readonly string[]
  readonly modelType: string
  readonly checkpoints: readonly string[]
  readonly pre?: string
}

const kin = ({ id, title, huggingFace, modelType, checkpoints, pre }: Names): Architecture =>
  defineArch({
    id,
    title,
    ggufArchitecture: 'bert',
    huggingFaceArchitectures: huggingFace,
    modelTypes: [modelType],
    checkpoints,
    // GGUF keeps no trace of where the positions began: such a file is read as BERT, which it then equals.
    matchesGguf: () => false,
    aliases: encoderAliases,
    ignored: encoderIgnored,
    leftOut: encoderLeftOut,
    fields: { ...encoderFields(), contextLength: contextLength(), unusedPositions: unusedPositions() },
    describe: describeEncoder,
    weights: (config) => encoderWeights(config.unusedPositions, config.dense),
    vocabulary: () => (pre === undefined ? {} : { preferredPre: pre }),
    notices: encoderNotices,
    notInGguf: denseNotInGguf,
  })

export const roberta = kin({
  id: 'roberta',
  title: 'RoBERTa',
  huggingFace: ['RobertaModel', 'RobertaForMaskedLM'],
  modelType: 'roberta',
  checkpoints: ['FacebookAI/roberta-base', 'sentence-transformers/all-distilroberta-v1'],
  pre: 'roberta-bpe',
})

export const xlmRoberta = kin({
  id: 'xlm-roberta',
  title: 'XLM-RoBERTa',
  huggingFace: ['XLMRobertaModel', 'XLMRobertaForMaskedLM'],
  modelType: 'xlm-roberta',
  checkpoints: ['BAAI/bge-m3', 'intfloat/multilingual-e5-small'],
})
