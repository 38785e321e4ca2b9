import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import { noFloat, noTextOrder } from "./eslint-rules/money.js";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": hooks, money: { rules: { "no-float": noFloat, "no-text-order": noTextOrder } } },
    rules: {
      ...hooks.configs.recommended.rules,
      "money/no-float": "error",
      "money/no-text-order": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  // A chart needs numbers to find pixels; what it shows as text comes from the strings.
  { files: ["src/charts/points.ts", "src/charts/curves.ts"], rules: { "money/no-float": "off" } },
);
