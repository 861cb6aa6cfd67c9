// BERT and checkpoints of its exact shape (BGE, MiniLM, GTE): an encoder with norms after each half and learned positions.
// What it shares with its kin is in `../encoder.ts`.
import { defineArch } from '@fs/arch'
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

export const bert = defineArch({
  id: 'bert',
  title: 'BERT',
  ggufArchitecture: 'bert',
  huggingFaceArchitectures: ['BertModel', 'BertForMaskedLM'],
  modelTypes: ['bert'],
  checkpoints: ['BAAI/bge-small-en-v1.5', 'sentence-transformers/all-MiniLM-L6-v2', 'google-bert/bert-base-uncased'],
  aliases: encoderAliases,
  ignored: encoderIgnored,
  leftOut: encoderLeftOut,
  fields: encoderFields(),
  describe: describeEncoder,
  weights: ({ dense }) => encoderWeights(0, dense),
  vocabulary: () => ({ preferredPre: 'jina-v2-en' }),
  notices: encoderNotices,
  notInGguf: denseNotInGguf,
})
