// English and Chinese; one file per language and face, loaded when first needed. A missing key is a failed test, not a raw key on a screen.

import i18n, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { again } from "@/kit/again";

const files = import.meta.glob<{ default: Record<string, unknown> }>("./*/*.json");

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language, namespace, done) {
    const load = files[`./${language}/${namespace}.json`];
    if (load === undefined) {
      done(new Error(`no texts ${language}/${namespace}`), null);
      return;
    }
    again(load).then(
      (module) => { done(null, module.default); },
      (error: unknown) => { done(error as Error, null); },
    );
  },
};

void i18n.use(backend).use(initReactI18next).init({
  fallbackLng: false,
  supportedLngs: ["en", "zh"],
  ns: ["common"],
  defaultNS: "common",
  partialBundledLanguages: true,
  interpolation: { escapeValue: false }, // React escapes
  react: { useSuspense: true },
});

const FACES = ["common", "account", "retail_more", "borrow", "earn", "finance", "treasury", "treasury_wallet", "treasury_moves", "treasury_cold", "sandbox", "kyc", "oauth", "enter", "customers", "inbox", "programs", "staff", "tenant", "lending_products", "lending_sales", "lending_prices", "lending_funding", "earndesk_terms", "earndesk_coupons", "earndesk_liabilities", "reserves", "funding", "rare"];

/** Key of the sentence for a code of the API: with the face whose texts hold it, or in those that all share; null where none is loaded. */
export function keyOfCode(code: string): string | null {
  const face = FACES.find((name) => i18n.exists(`${name}:code.${code}`));
  return face === undefined ? null : `${face}:code.${code}`;
}

export default i18n;
