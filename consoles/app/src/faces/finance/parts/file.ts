/** What makes a chosen file this file: part of the wish to send it. */
export const nameOf = (file: File): Record<string, unknown> => ({ name: file.name, size: file.size, changed: file.lastModified });
