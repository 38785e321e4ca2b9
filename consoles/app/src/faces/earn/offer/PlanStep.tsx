import type { ReactNode } from "react";
import { Button } from "@/kit/Button";
import { Facts } from "@/kit/values";
import { isZero, total } from "@/money/decimal";
import { Plan } from "../Plan";
import type { Preview } from "../reads";
import { useWords } from "../words";

/** What is paid when, to the last unit, before anybody pays anything. */
export function PlanStep({ preview, onBack, onNext }: { preview: Preview; onBack: () => void; onNext: () => void }): ReactNode {
  const { t, amount, percent } = useWords();
  const { asset, principal, total_interest: interest, total_bonus: bonus } = preview;
  return (
    <div className="stack">
      <Facts rows={[
        [t("plan.put_in"), amount(principal, asset)],
        [t("estimate.rate"), `${percent(preview.apr, 2)} APR`],
        [t("estimate.interest"), <span key="interest" className="number up">{amount(interest, asset)}</span>],
        ...(isZero(bonus) ? [] : [[t("estimate.bonus"), <span key="bonus" className="number up">{amount(bonus, asset)}</span>] as const]),
        [t("plan.sum"), <strong key="sum" className="number">{amount(total([principal, interest, bonus]), asset)}</strong>],
      ]} />
      <Plan rows={preview.rows} asset={asset} />
      <div className="row">
        <Button kind="primary" onPress={onNext}>{t("plan.next")}</Button>
        <Button onPress={onBack}>{t("subscribe.back")}</Button>
      </div>
    </div>
  );
}
