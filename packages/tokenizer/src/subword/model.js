// What a subword model is: the step that turns one word into ids. Words come from a pre-tokenizer; the model knows nothing of whole texts.
// The cache around a model lives here too, since every text repeats its words.
/** Longer words are rare enough that remembering them costs more than it saves. */
const LONGEST_CACHED = 48;
/** Some 20 MB at worst. Emptied when full: a natural text's few thousand common words are back at once. */
const MOST_CACHED = 100_000;
/** The same model, remembering the ids of short words. */
export function cached(model) {
    const known = new Map();
    return {
        encode(word, output) {
            if (word.length > LONGEST_CACHED) {
                model.encode(word, output);
                return;
            }
            let ids = known.get(word);
            if (ids === undefined) {
                const fresh = [];
                model.encode(word, fresh);
                if (known.size >= MOST_CACHED)
                    known.clear();
                known.set(word, fresh);
                ids = fresh;
            }
            for (let index = 0; index < ids.length; index++)
                output.push(ids[index]);
        },
    };
}
//# sourceMappingURL=model.js.map