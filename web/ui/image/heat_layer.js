// Where the model looked, laid over the picture: the more it looked at a place, the more of its colour.

const SVG = "http://www.w3.org/2000/svg";
/** How much of the picture the warmest place leaves to be seen. */
const MOST = 0.72;
/** Cells below this share of the warmest are left clear. */
const LEAST = 0.04;

export class HeatLayer {
  #root = svg("svg", { class: "heat-layer", "aria-hidden": "true", hidden: "" });

  /** @param {HTMLElement} picture  what it covers; the image in it is seen whole ("object-fit: contain") */
  constructor(picture) {
    picture.append(this.#root);
  }

  /** @param {number[][]} heat  rows of cells over the whole image @param {{width: number, height: number}} size  of the image */
  show(heat, { width, height }) {
    const [rows, columns] = [heat.length, heat[0].length];
    const [cellWidth, cellHeight] = [width / columns, height / rows];
    const warmest = Math.max(...heat.flat());
    const cells = heat.flatMap((row, y) =>
      row.flatMap((value, x) => {
        const share = value / warmest;
        if (!(share > LEAST)) return [];
        const place = { x: x * cellWidth, y: y * cellHeight, width: cellWidth, height: cellHeight };
        return [svg("rect", { ...place, opacity: (MOST * share ** 0.7).toFixed(3) })];
      }),
    );
    this.#root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#root.replaceChildren(...cells);
    this.#root.removeAttribute("hidden");
  }

  clear() {
    this.#root.setAttribute("hidden", "");
    this.#root.replaceChildren();
  }
}

/** @param {string} name @param {Record<string, string|number>} attributes */
function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}
