/** @param where file and place, for the message. @throws FsError when the text is not base64. */
export declare function fromBase64(text: string, where: string): Uint8Array;
