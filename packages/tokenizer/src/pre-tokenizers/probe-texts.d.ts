/** Every text by itself, and glued ones, where what one ends with meets what the next begins with. */
export declare const PROBE_TEXTS: readonly string[];
