import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { AmountField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import type { Draft } from "./draft";

type Tier = Draft["tiers"][number];

/** Large collateral lends less: from a value on, the part beyond counts by a factor. */
export function Tiers({ tiers, error, isDisabled, onChange }: { tiers: Draft["tiers"]; error: string | undefined; isDisabled: boolean; onChange: (tiers: Tier[]) => void }): ReactNode {
  const { t } = useTranslation("lending_products");
  const set = (place: number, part: Partial<Tier>): void => { onChange(tiers.map((tier, n) => (n === place ? { ...tier, ...part } : tier))); };
  return (
    <Panel title={t("group.tiers")} actions={!isDisabled && <Button kind="quiet" onPress={() => { onChange([...tiers, { above: "", factor: "" }]); }}>{t("tier.add")}</Button>}>
      <p className="dim">{t("tier.note")}</p>
      {tiers.map((tier, place) => (
        <div key={place} className="product-fields">
          <AmountField label={t("tier.above")} value={tier.above} isDisabled={isDisabled} onChange={(above) => { set(place, { above }); }} />
          <AmountField label={t("tier.factor")} value={tier.factor} isDisabled={isDisabled} onChange={(factor) => { set(place, { factor }); }} />
          {!isDisabled && <Button kind="quiet" onPress={() => { onChange(tiers.filter((_, n) => n !== place)); }}>{t("tier.remove")}</Button>}
        </div>
      ))}
      {error !== undefined && <p className="field-error">{error}</p>}
    </Panel>
  );
}
