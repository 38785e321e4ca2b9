// Ending early: what comes back now, what is lost, which payments will never be made; then a yes.

import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { Loaded } from "@/kit/states";
import { Facts } from "@/kit/values";
import { useToasts } from "@/kit/toasts";
import { add, isZero, sub, total } from "@/money/decimal";
import { earned } from "../model";
import { Plan } from "../Plan";
import { redeem, TOUCHED, useRedemption, type Redemption, type Subscription } from "../reads";
import { useWords } from "../words";

export function RedeemDialog({ one, onClose }: { one: Subscription; onClose: () => void }): ReactNode {
  const { t, amount } = useWords();
  const { tell } = useToasts();
  const client = useQueryClient();
  const preview = useRedemption(one.id);
  const act = async (): Promise<void> => {
    try {
      const done = await once(`redeem ${one.id}`, {}, (header) => redeem(one.id, header));
      tell(t("redeem.done", { sum: amount(done.cash, done.asset) }), "good");
    } finally {
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  return (
    <Confirm title={t("redeem.head", { name: one.name })} isOpen onClose={onClose} act={act} verb={t("redeem.yes")} danger ready={preview.data !== undefined}>
      <Loaded query={preview} lines={5}>{(found) => <Outcome one={one} found={found} />}</Loaded>
    </Confirm>
  );
}

function Outcome({ one, found }: { one: Subscription; found: Redemption }): ReactNode {
  const { t, amount } = useWords();
  const { asset } = found;
  const first = one.plan.filter(({ seq }) => found.due_first.includes(seq));
  const void_ = one.plan.filter(({ seq }) => found.void.includes(seq));
  const clawed = add(found.clawed_back, found.bonus_clawed_back);
  const given = sub(total([found.forfeited, found.bonus_forfeited, clawed]), found.accrued);
  return (
    <div className="stack">
      <Facts rows={[
        ...(first.length === 0 ? [] : [[t("redeem.first"), amount(total(first.map(earned)), asset)] as const]),
        [t("col.principal"), amount(found.principal, asset)],
        ...(isZero(found.accrued) ? [] : [[t("redeem.accrued"), `+ ${amount(found.accrued, asset)}`] as const]),
        ...(isZero(clawed) ? [] : [[t("redeem.clawed_back"), `− ${amount(clawed, asset)}`] as const]),
        [t("redeem.cash"), <strong key="cash" className="number">{amount(found.cash, asset)}</strong>],
        [t("redeem.given_up"), <span key="given" className={isZero(given) ? "dim" : "down"}>{amount(given, asset)}</span>],
      ]} />
      <p>{t("redeem.void", { n: void_.length, sum: amount(total(void_.map(earned)), asset) })}</p>
      <details>
        <summary>{t("redeem.which")}</summary>
        <Plan rows={void_} asset={asset} />
      </details>
      <p className="dim">{t("redeem.means")}</p>
    </div>
  );
}
