/**
 * The faults that are put into JavaScript: Stryker's own, and the two kinds that it lacks, numbers and statements.
 *
 * Given to node on its input, in a folder that has the packages; reads `{ name, path }` of files, a line each, from the
 * file named in MUTATED_FILES, and prints `[{ file, start, end, replacement, kind }]`, places in characters.
 */
import { readFileSync } from "node:fs";
import { parse } from "@babel/parser";
import babelTraverse from "@babel/traverse";
import { createInstrumenter } from "@stryker-mutator/instrumenter";
import { createInjector } from "typed-inject";

const traverse = babelTraverse.default ?? babelTraverse;
const nothing = () => {};
const never = () => false;
const logger = {
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: console.error, fatal: console.error },
  ...{ isTraceEnabled: never, isDebugEnabled: never, isInfoEnabled: never, isWarnEnabled: never },
};
const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };

/** Places of lines' beginnings. */
function lineStarts(source) {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** What Stryker would put into a file. */
async function strykers(name, source) {
  const injector = createInjector()
    .provideValue("logger", logger)
    .provideValue("options", {})
    .provideValue("getLogger", () => logger);
  const instrumenter = injector.injectFunction(createInstrumenter);
  const { mutants } = await instrumenter.instrument([{ name, content: source, mutate: true }], options);
  const starts = lineStarts(source);
  const place = ({ line, column }) => starts[line] + column;
  return mutants.map(({ location, replacement, mutatorName }) => ({
    ...{ start: place(location.start), end: place(location.end), replacement, kind: mutatorName },
  }));
}

/** A number one higher and one lower, a call, throw, return or assignment that is not made. */
function ours(source) {
  const found = [];
  const add = ({ start, end }, replacement, kind) => found.push({ start, end, replacement, kind });
  traverse(parse(source, { sourceType: "module" }), {
    NumericLiteral({ node }) {
      add(node, String(node.value + 1), "Number");
      add(node, node.value ? String(node.value - 1) : "(-1)", "Number");
    },
    ExpressionStatement({ node }) {
      add(node, ";", "RemovedStatement");
    },
    ThrowStatement({ node }) {
      add(node, ";", "RemovedStatement");
    },
    ReturnStatement({ node }) {
      if (node.argument) {
        add(node, "return;", "RemovedStatement");
      }
    },
    BreakStatement({ node }) {
      add(node, ";", "RemovedStatement");
    },
    ContinueStatement({ node }) {
      add(node, ";", "RemovedStatement");
    },
  });
  return found;
}

const listed = [];
for (const line of readFileSync(process.env.MUTATED_FILES, "utf8").trim().split("\n")) {
  const { name, path } = JSON.parse(line);
  const source = readFileSync(path, "utf8");
  for (const mutant of [...(await strykers(name, source)), ...ours(source)]) {
    listed.push({ file: name, ...mutant });
  }
}
console.log(JSON.stringify(listed));
