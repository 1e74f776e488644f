// Images that are drawn here, so that nothing has to be fetched or chosen to be looked at.

/**
 * A red disc on a pale ground, as a PNG.
 * @param {number} width  pixels
 * @param {number} height  pixels
 * @param {number} [radius]  pixels; another one makes another image
 * @returns {Promise<Blob>}
 */
export function drawnImage(width, height, radius = Math.min(width, height) / 4) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new TypeError("The browser has no room for a canvas");
  context.fillStyle = "#f0eef5";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "red";
  context.beginPath();
  context.arc(width / 2, height / 2, radius, 0, 7);
  context.fill();
  return canvas.convertToBlob({ type: "image/png" });
}
