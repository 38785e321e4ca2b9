// No binary float in the money path: amounts are decimal strings, and nothing may turn one into a number or compare two by their letters.

const CONVERTERS = new Set(["Number", "parseFloat", "parseInt"]);
const METHODS = new Set(["toNumber", "parseFloat", "parseInt"]);
const WRITERS = new Set(["toFixed", "toPrecision"]); // of a number; a Big writes all its digits
const ORDER = new Set(["<", ">", "<=", ">="]);

function typeOf(context, node) {
  const { esTreeNodeToTSNodeMap, program } = context.sourceCode.parserServices;
  const checker = program.getTypeChecker();
  return checker.typeToString(checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node))));
}

/** Turning texts into numbers is for plotting, and lives where points are plotted. */
export const noFloat = {
  meta: { type: "problem", schema: [], messages: { convert: "An amount must not become a float ({{ what }}); use @/money/decimal." } },
  create(context) {
    const report = (node, what) => context.report({ node, messageId: "convert", data: { what } });
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type === "Identifier" && CONVERTERS.has(callee.name)) report(node, callee.name);
        if (callee.type !== "MemberExpression") return;
        const { name } = callee.property;
        if (METHODS.has(name) || (WRITERS.has(name) && typeOf(context, callee.object) === "number")) report(node, name);
      },
      UnaryExpression(node) {
        if (node.operator === "+") report(node, "unary +");
      },
    };
  },
};

/** "10" < "9" is true for texts; needs types to see. */
export const noTextOrder = {
  meta: { type: "problem", schema: [], messages: { order: "These are texts: \"10\" < \"9\". Use compare() of @/money/decimal." } },
  create(context) {
    const isText = (node) => typeOf(context, node) === "string";
    return {
      BinaryExpression(node) {
        if (ORDER.has(node.operator) && (isText(node.left) || isText(node.right))) context.report({ node, messageId: "order" });
      },
    };
  },
};
