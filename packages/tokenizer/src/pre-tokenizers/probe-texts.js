// Texts on which pre-tokenizers differ: what two encoders agree on here, they agree on everywhere that has come up in years of reports.
// They are data for comparing encoders, not a language sample.
const NUMBERS = '0 12 123 1234 12345 123456 1234567 3.14 1,000,000 ½ ٣٤٥ ²³ Ⅷ v2 2nd 10% $5 007';
const CONTRACTIONS = "I'm you're he'S WE'LL they'Ve isn't 'tis 'D'oh rock'n'roll l’été d'accord 'RE ''s";
const SPACES = ' a  b   c    d     e\tf\t\tg \t h\u00a0i\u2003j\u3000k \u200bl\ufeffm\u0085n ';
const LINES = 'one\ntwo\n\nthree\r\nfour\r\n\r\n  five \n \n\n six\n\t\n\tseven\n\n\n';
const CODE = 'def main(argv: list[str]) -> int:\n    if x >= 0x1F and y != "a\\n":  # note\n        return {"k": [1, 2.5e-3]}\n\n\tfor (i=0;i<10;++i){}\n';
const CJK = '你好，世界！我想在apple工作1314151天～ 日本語のテキスト、カタカナ。한국어 문장입니다 ㅋㅋ 𠀀𪜎';
const SCRIPTS = 'Привет мир нещо на Български Ελληνικά ΣΊΣΥΦΟΣ العربية ١٢٣ עברית हिन्दी बड़ा ไทยภาษา កាន់តែពិសេស தமிழ் ქართული';
const MARKS = 'e\u0301 é n\u0303 a\u0308\u0323 Z\u0351\u036b\u0343 ﬁ ﬀ Å Ω ﷺ İstanbul ıI ß ẞ ǅ';
const EMOJI = '🚀 😶‍🌫️ 👩‍👩‍👧‍👦🏳️‍🌈 ✅🦙🦙 🇩🇪🇫🇷 ☺️ ©®™ →⇒ ∑∏ √2 ≠';
const PUNCTUATION = '...!!??--------======= ````""""\'\'\'\' (a)[b]{c}<d> #tag @user a_b __init__ a-b a/b a\\b a|b ~^°§¶ “q” ‘q’ «q» „q“ …';
const CASES = 'camelCase PascalCase HTMLParser SCREAMING_SNAKE iPhone McDonald XMLHttpRequest2 aB Ab ABc ǅungla ʰa';
const WORDS = 'The quick brown fox jumps over the lazy dog. Once upon a time, there was a little girl named Lily; she said: "Hello!"';
/** Every text by itself, and glued ones, where what one ends with meets what the next begins with. */
export const PROBE_TEXTS = [
    NUMBERS,
    CONTRACTIONS,
    SPACES,
    LINES,
    CODE,
    CJK,
    SCRIPTS,
    MARKS,
    EMOJI,
    PUNCTUATION,
    CASES,
    WORDS,
    '',
    ' ',
    '  ',
    '\n',
    '\n\n \n',
    ' leading',
    'trailing ',
    '\ttab',
    ' \n mixed \n ',
    `${CODE}${NUMBERS}${CJK}`,
    `${SPACES}${CONTRACTIONS}\n${MARKS} ${EMOJI}`,
    `${SCRIPTS.replaceAll(' ', '')}${PUNCTUATION.replaceAll(' ', '')}`,
];
//# sourceMappingURL=probe-texts.js.map