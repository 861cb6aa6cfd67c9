/** Why a source is refused, or undefined when it is not. */
export declare function unsafeReason(source: string): string | undefined;
