import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import type { Phase } from "./useSending";

interface Props {
  phase: Extract<Phase, { at: "unknown" }>;
  lookUp: () => Promise<void>;
  again: () => Promise<void>;
  forget: () => void;
}

/** No answer came: unknown is not failed. Look, or send the same order again: it is done at most once. */
export function Unknown({ phase, lookUp, again, forget }: Props): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <div className="notice warn" role="alert">
      <p><b>{t("trade.unknown.title")}</b></p>
      <p>{t(phase.looked ? "trade.unknown.not_found" : "trade.unknown.looking")}</p>
      <div className="row">
        <Button onPress={() => void lookUp()}>{t("trade.unknown.look")}</Button>
        <Button onPress={() => void again()}>{t("trade.unknown.again")}</Button>
        <Button kind="quiet" onPress={forget}>{t("trade.unknown.forget")}</Button>
      </div>
    </div>
  );
}
