import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { KEYS } from "./keyboard";

export function ShortcutSheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation(["retail", "common"]);
  return (
    <Dialog title={t("trade.keys.title")} isOpen={isOpen} onClose={onClose}>
      <dl className="facts">
        {KEYS.map(({ id, keys }) => [
          <dt key={`${id}.k`}>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>,
          <dd key={`${id}.t`}>{t(`trade.keys.${id}`)}</dd>,
        ])}
      </dl>
      <p className="dim">{t("trade.keys.typing")}</p>
      <div className="row"><Button autoFocus onPress={onClose}>{t("common:action.close")}</Button></div>
    </Dialog>
  );
}
