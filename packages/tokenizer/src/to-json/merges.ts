// Merges from scores: SentencePiece joins the pair whose join scores best, tokenizer.json the pair that stands first in a list.

/**
 * Every pair of tokens whose join is a token, best score first; of equal scores the longer first parts first, as transformers writes them
 * (`generate_merges`, convert_slow_tokenizer.py).
 * @param tokens usable tokens and their scores
 */
export function mergesByScore(tokens: ReadonlyMap<string, number>): readonly (readonly [string, string])[] {
  const merges: { readonly left: string; readonly right: string; readonly score: number }[] = []
  for (const [token, score] of tokens) {
    if (token.length < 2) continue
    // Cuts inside a surrogate pair give halves no token can be.
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [token.slice(0, cut), token.slice(cut)]
      if (tokens.has(left) && tokens.has(right)) merges.push({ left, right, score })
    }
  }
  merges.sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length)
  return merges.map(({ left, right }) => [left, right])
}
