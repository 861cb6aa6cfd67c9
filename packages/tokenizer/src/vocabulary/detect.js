// Finds the name to write as `tokenizer.ggml.pre`: by the structure of tokenizer.json, confirmed by encoding texts both ways.
// It never guesses: without a name under which llama.cpp gives the same ids, it fails and says which names come nearest.
import { fail } from '../errors.js';
import { bytePairTokenizers } from '../gguf/byte-pair.js';
import { isPreTokenizerName, PRE_TOKENIZERS } from '../pre-tokenizers/names.js';
import { splitterPatterns, splitWords } from '../pre-tokenizers/splitters.js';
import { probesFor, sameIds } from './probes.js';
import { knownSplitter } from './structure.js';
/** Names that do the same, together; bos is written to the file, so it does not set names apart. */
function behaviours() {
    const groups = new Map();
    for (const name of Object.keys(PRE_TOKENIZERS)) {
        const pre = PRE_TOKENIZERS[name];
        const key = `${pre.splitter} ${pre.ignoreMerges === true} ${pre.spaced === true}`;
        groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    return [...groups.values()];
}
/**
 * @param vocabulary the GGUF vocabulary as it would be written.
 * @throws FsError when the user's name is unknown, or no name gives the ids of tokenizer.json.
 */
export function findPreTokenizer(source, tokenizer, vocabulary, wish) {
    const { texts, notes } = probesFor(source);
    const expected = texts.map((text) => tokenizer.encode(text, { addSpecialTokens: false }));
    const encoders = bytePairTokenizers(vocabulary);
    const structure = knownSplitter(source.json.optional('pre_tokenizer'));
    // Where only one side takes whole words for tokens first, that changes nothing if merges make every token anyway.
    let everyTokenMerges;
    const wholeWordsAgree = (pre) => {
        if ((pre.ignoreMerges === true) === source.model.ignoreMerges || pre.spaced === true)
            return true;
        everyTokenMerges ??= mergesMakeEveryToken(source, tokenizer);
        return everyTokenMerges;
    };
    const judge = (names) => {
        const pre = PRE_TOKENIZERS[names[0]];
        const encoder = encoders.under(pre);
        let equal = 0;
        let differs;
        texts.forEach((text, index) => {
            if (sameIds(encoder.encode(text, { addSpecialTokens: false }), expected[index]))
                equal++;
            else
                differs ??= text;
        });
        const compatible = wholeWordsAgree(pre);
        if (!compatible)
            differs ??= 'words that are tokens but that no merges make';
        return {
            names,
            pre,
            equal: compatible ? equal : Math.min(equal, texts.length - 1),
            words: sameWords(source, pre, texts),
            ...(differs !== undefined && { differs }),
        };
    };
    if (wish.user !== undefined) {
        if (!isPreTokenizerName(wish.user))
            throw unknownName(wish.user);
        const user = wish.user;
        const group = behaviours().find((names) => names.includes(user));
        const { equal, differs } = judge([user]);
        const warning = differs === undefined
            ? []
            : [`Under the name "${user}" llama.cpp cuts texts otherwise than tokenizer.json, for one: ${shown(differs)}.`];
        return { pre: user, chosenBy: 'user', alike: others(group, user), probes: { equal, all: texts.length }, notes: [...notes, ...warning] };
    }
    const candidates = behaviours().map(judge);
    const fitting = candidates.filter(({ equal }) => equal === texts.length);
    const found = (candidate, name, chosenBy) => ({
        pre: name,
        chosenBy,
        alike: others(candidate.names, name),
        probes: { equal: candidate.equal, all: texts.length },
        notes,
    });
    const family = wish.family;
    const ofFamily = fitting.find(({ names }) => names.some((name) => name === family));
    if (ofFamily !== undefined)
        return found(ofFamily, family, 'family');
    const structured = preferred(fitting, structure, source.model.ignoreMerges);
    if (structured !== undefined)
        return found(structured, structured.names[0], structure === undefined ? 'ids' : 'structure');
    throw undetermined(candidates, texts.length);
}
/** Of names that fit: the known structure's, else those whose words are the same too, with the file's own `ignore_merges` if possible. */
function preferred(fitting, structure, ignoreMerges) {
    const ofStructure = fitting.filter(({ pre }) => pre.splitter === structure);
    const withWords = fitting.filter(({ words }) => words);
    const pool = ofStructure.length > 0 ? ofStructure : withWords.length > 0 ? withWords : fitting;
    return pool.find(({ pre }) => (pre.ignoreMerges === true) === ignoreMerges) ?? pool[0];
}
function sameWords(source, pre, texts) {
    const patterns = splitterPatterns(pre.splitter);
    return texts.every((text) => {
        const [ours, theirs] = [splitWords(text, patterns), source.preTokenizer.words(text, 0)];
        return ours.length === theirs.length && ours.every((word, index) => word === theirs[index]);
    });
}
function mergesMakeEveryToken(source, tokenizer) {
    const made = new Set(source.model.merges.map(([left, right]) => left + right));
    return source.model.vocabulary.tokens.every((token, id) => token === undefined || Array.from(token).length < 2 || made.has(token) || tokenizer.isSpecial(id));
}
const others = (names, but) => names.filter((name) => name !== but);
const shown = (text) => JSON.stringify(text.length > 50 ? `${text.slice(0, 50)}…` : text);
function unknownName(name) {
    const near = Object.keys(PRE_TOKENIZERS).filter((known) => known.includes(name) || name.includes(known.slice(0, 4)));
    const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : '';
    return fail('tokenizer/pre-unknown', `"${name}" is no pre-tokenizer llama.cpp knows.${hint}`, { name, near });
}
function undetermined(candidates, all) {
    const near = [...candidates].sort((a, b) => b.equal - a.equal).slice(0, 3);
    const list = near.map(({ names, equal, differs }) => `${names[0]} (${equal} of ${all} texts equal; differs on ${shown(differs ?? '')})`);
    return fail('tokenizer/pre-undetermined', `tokenizer.json cuts words in a way llama.cpp has no name for, so the file would encode texts wrongly; nearest are ${list.join(', ')}; choose one with --pre to write it all the same`, { near: near.map(({ names }) => names[0]) });
}
//# sourceMappingURL=detect.js.map