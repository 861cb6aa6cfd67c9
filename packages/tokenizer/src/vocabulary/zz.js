export { ggufVocabulary } from './gguf-vocabulary.js';
//# sourceMappingURL=zz.js.map