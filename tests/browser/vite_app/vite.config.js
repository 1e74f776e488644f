// What docs/embedding.md says of Vite.
export default {
  base: "./",
  optimizeDeps: { exclude: ["tinyvlm"] },
  worker: { format: "es" },
};
