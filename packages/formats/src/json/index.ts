// JSON as checkpoints contain it: with Python's NaN and Infinity, and with duplicate keys noticed.
export { type JsonReader, parseJson } from './parse.ts'
export { readJson, readJsonObject } from './read-json-object.ts'
