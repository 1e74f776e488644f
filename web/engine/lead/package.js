// The package's modules, compressed as one: they have much in common.

/**
 * Unpacked outside Python, which is still starting.
 * @param {BufferSource} bytes  site.json's `package`
 * @returns {Promise<ArrayBuffer>}  a zip, stored
 */
export function unpackedPackage(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}
