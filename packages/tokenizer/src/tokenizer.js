/** Tokens with a role of their own. Names as in `gguf-py/gguf/vocab.py`; `eot` ends a turn, `eom` a message that awaits a tool. */
export const SPECIAL_ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask', 'eot', 'eom'];
//# sourceMappingURL=tokenizer.js.map