import type { ReactNode } from "react";
import { When } from "@/kit/values";
import { stepsOf } from "../model";
import type { Withdrawal } from "../wire";
import { useWords } from "../words";

export function Steps({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useWords();
  return (
    <ol className="funding-steps">
      {stepsOf(one).map(({ name, at, standing }) => (
        <li key={name} data-standing={standing} aria-current={standing === "now" ? "step" : undefined}>
          <span>
            {t(standing === "stopped" ? `withdrawal.status.${one.status}` : `withdrawal.step.${name}`)}
            {name === "confirmed" && standing === "now" && <> <span className="number">{t("withdrawal.confirmations", { n: one.confirmations })}</span></>}
          </span>
          {at !== null && <span className="dim"><When at={at} /></span>}
        </li>
      ))}
    </ol>
  );
}
