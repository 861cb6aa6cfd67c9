import type { SplitterName } from './splitters.ts';
export type PreTokenizer = {
    readonly splitter: SplitterName;
    /** A word that is a token as a whole takes that token, whatever the merges say. */
    readonly ignoreMerges?: true;
    /** llama.cpp puts bos before a text unless the file says otherwise. */
    readonly addBos?: true;
    /** Words are text with `▁` for spaces and `<0x0A>` for missing bytes, as in SentencePiece, instead of bytes. */
    readonly spaced?: true;
};
/** Of names that do the same, the first is the one to write when nothing says otherwise. */
export declare const PRE_TOKENIZERS: {
    readonly 'gpt-2': {
        readonly splitter: 'gpt2';
    };
    readonly 'phi-2': {
        readonly splitter: 'gpt2';
    };
    readonly olmo: {
        readonly splitter: 'gpt2';
    };
    readonly mpt: {
        readonly splitter: 'gpt2';
    };
    readonly jais: {
        readonly splitter: 'gpt2';
    };
    readonly trillion: {
        readonly splitter: 'gpt2';
    };
    readonly exaone4: {
        readonly splitter: 'gpt2';
    };
    readonly mellum: {
        readonly splitter: 'gpt2';
    };
    readonly gigachat: {
        readonly splitter: 'gpt2';
    };
    readonly 'granite-docling': {
        readonly splitter: 'gpt2';
    };
    readonly 'a.x-4.0': {
        readonly splitter: 'gpt2';
    };
    readonly 'modern-bert': {
        readonly splitter: 'gpt2';
    };
    readonly 'roberta-bpe': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-es': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-de': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-v1-en': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-v2-es': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-v2-de': {
        readonly splitter: 'gpt2';
    };
    readonly 'jina-v2-code': {
        readonly splitter: 'gpt2';
    };
    readonly 'llama-bpe': {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly llama3: {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly 'llama-v3': {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly falcon3: {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly 'falcon-h1': {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly pixtral: {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly lfm2: {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly 'midm-2.0': {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly 'jina-v5-nano': {
        readonly splitter: 'llama3';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly dbrx: {
        readonly splitter: 'llama3';
    };
    readonly 'smaug-bpe': {
        readonly splitter: 'llama3';
    };
    readonly glm4: {
        readonly splitter: 'llama3';
    };
    readonly 'chatglm-bpe': {
        readonly splitter: 'llama3';
    };
    readonly qwen2: {
        readonly splitter: 'qwen2';
    };
    readonly 'deepseek-r1-qwen': {
        readonly splitter: 'qwen2';
    };
    readonly stablelm2: {
        readonly splitter: 'qwen2';
    };
    readonly hunyuan: {
        readonly splitter: 'qwen2';
    };
    readonly megrez: {
        readonly splitter: 'qwen2';
    };
    readonly 'grok-2': {
        readonly splitter: 'qwen2';
    };
    readonly kormo: {
        readonly splitter: 'qwen2';
    };
    readonly f2llmv2: {
        readonly splitter: 'qwen2';
    };
    readonly 'solar-open': {
        readonly splitter: 'qwen2';
    };
    readonly qwen35: {
        readonly splitter: 'qwen35';
    };
    readonly ufakzeka: {
        readonly splitter: 'ufakzeka';
    };
    readonly 'seed-coder': {
        readonly splitter: 'seedCoder';
    };
    readonly bailingmoe: {
        readonly splitter: 'bailing';
    };
    readonly bailingmoe2: {
        readonly splitter: 'bailing';
    };
    readonly 'llada-moe': {
        readonly splitter: 'bailing';
    };
    readonly 'exaone-moe': {
        readonly splitter: 'exaoneMoe';
    };
    readonly 'jais-2': {
        readonly splitter: 'jais2';
    };
    readonly minicpm5: {
        readonly splitter: 'minicpm5';
        readonly ignoreMerges: true;
    };
    readonly laguna: {
        readonly splitter: 'laguna';
    };
    readonly tekken: {
        readonly splitter: 'tekken';
        readonly ignoreMerges: true;
        readonly addBos: true;
    };
    readonly 'gpt-4o': {
        readonly splitter: 'gpt4o';
    };
    readonly llama4: {
        readonly splitter: 'gpt4o';
    };
    readonly kanana2: {
        readonly splitter: 'gpt4o';
    };
    readonly talkie: {
        readonly splitter: 'gpt4o';
    };
    readonly 'minimax-m2': {
        readonly splitter: 'gpt4o';
    };
    readonly 'granite-embed-multi-97m': {
        readonly splitter: 'graniteMultilingual';
        readonly ignoreMerges: true;
    };
    readonly tiny_aya: {
        readonly splitter: 'tinyAya';
    };
    readonly cohere2moe: {
        readonly splitter: 'tinyAya';
    };
    readonly youtu: {
        readonly splitter: 'youtu';
        readonly ignoreMerges: true;
    };
    readonly 'kimi-k2': {
        readonly splitter: 'kimiK2';
    };
    readonly starcoder: {
        readonly splitter: 'digitsGpt2';
    };
    readonly smollm: {
        readonly splitter: 'digitsGpt2';
    };
    readonly refact: {
        readonly splitter: 'digitsGpt2';
    };
    readonly 'command-r': {
        readonly splitter: 'digitsGpt2';
    };
    readonly codeshell: {
        readonly splitter: 'digitsGpt2';
    };
    readonly exaone: {
        readonly splitter: 'digitsGpt2';
    };
    readonly 'minerva-7b': {
        readonly splitter: 'digitsGpt2';
    };
    readonly mellum2: {
        readonly splitter: 'digitsGpt2';
    };
    readonly falcon: {
        readonly splitter: 'falcon';
    };
    readonly chameleon: {
        readonly splitter: 'chameleon';
        readonly addBos: true;
    };
    readonly bloom: {
        readonly splitter: 'bloom';
    };
    readonly 'poro-chat': {
        readonly splitter: 'bloom';
    };
    readonly 'gpt3-finnish': {
        readonly splitter: 'bloom';
    };
    readonly viking: {
        readonly splitter: 'viking';
    };
    readonly superbpe: {
        readonly splitter: 'superBpe';
    };
    readonly 'deepseek-llm': {
        readonly splitter: 'deepseekLlm';
    };
    readonly 'deepseek-coder': {
        readonly splitter: 'deepseekCoder';
    };
    readonly 'deepseek-v3': {
        readonly splitter: 'deepseekV3';
    };
    readonly 'hunyuan-dense': {
        readonly splitter: 'deepseekV3';
    };
    readonly 'joyai-llm': {
        readonly splitter: 'deepseekV3';
    };
    readonly hy_v4: {
        readonly splitter: 'deepseekV3';
    };
    readonly spark2_5: {
        readonly splitter: 'spark25';
    };
    readonly afmoe: {
        readonly splitter: 'afmoe';
    };
    readonly gemma4: {
        readonly splitter: 'newlines';
        readonly addBos: true;
        readonly spaced: true;
    };
    readonly 'granite-embed-multi-311m': {
        readonly splitter: 'newlines';
        readonly addBos: true;
        readonly spaced: true;
    };
    readonly 'sarvam-moe': {
        readonly splitter: 'newlines';
        readonly spaced: true;
    };
    readonly default: {
        readonly splitter: 'default';
    };
};
export type PreTokenizerName = keyof typeof PRE_TOKENIZERS;
export declare function isPreTokenizerName(name: string): name is PreTokenizerName;
