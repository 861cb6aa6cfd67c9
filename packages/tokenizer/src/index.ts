// Filled by the first commit of this package.
export {}
