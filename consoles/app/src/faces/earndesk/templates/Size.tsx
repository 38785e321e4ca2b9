import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField } from "@/kit/fields";
import type { StepProps } from "./Editor";

const FIELDS = ["daily_quota", "minimum", "step", "customer_cap", "customer_day_cap"] as const;
const OPTIONAL = new Set<string>(["customer_cap", "customer_day_cap"]);

/** How much a day sells, and to one customer. */
export function Size({ draft, set, at }: StepProps): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  return (
    <>
      <div className="earndesk-fields">
        {FIELDS.map((field) => (
          <AmountField key={field} label={t("field.in", { name: t(`earndesk_terms:term.${field}`), asset: draft.asset })} value={draft.terms[field]}
            error={at(`terms.${field}`, OPTIONAL.has(field) ? undefined : draft.terms[field])} isRequired={!OPTIONAL.has(field)}
            {...(OPTIONAL.has(field) ? { placeholder: t("earndesk_terms:said.no_limit") } : {})}
            onChange={(text) => { set({ terms: { ...draft.terms, [field]: text } }); }} />
        ))}
      </div>
      <p className="dim">{t("field.size_note")}</p>
    </>
  );
}
