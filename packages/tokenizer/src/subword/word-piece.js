export function createWordPieceModel(options) {
    const { tokenIds, continuingPrefix, unknownId, maxCharacters } = options;
    let longest = 0;
    for (const token of tokenIds.keys())
        longest = Math.max(longest, token.length);
    return {
        encode(word, output) {
            const characters = Array.from(word);
            if (characters.length > maxCharacters) {
                output.push(unknownId);
                return;
            }
            const first = output.length;
            for (let start = 0; start < characters.length;) {
                const prefix = start > 0 ? continuingPrefix : '';
                let end = Math.min(characters.length, start + longest);
                let id;
                for (; end > start && id === undefined; end--)
                    id = tokenIds.get(prefix + characters.slice(start, end).join(''));
                if (id === undefined) {
                    output.length = first;
                    output.push(unknownId);
                    return;
                }
                output.push(id);
                start = end + 1;
            }
        },
    };
}
//# sourceMappingURL=word-piece.js.map