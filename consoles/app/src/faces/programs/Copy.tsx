import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { useToasts } from "@/kit/toasts";

export function Copy({ text, what }: { text: string; what: string }): ReactNode {
  const { t } = useTranslation("programs");
  const { tell } = useToasts();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      tell(t("key.copied", { what }), "good");
    } catch {
      tell(t("key.not_copied"), "bad"); // the browser keeps the clipboard to itself where the page is not secure
    }
  };
  return <Button onPress={() => void copy()} aria-label={t("key.copy_what", { what })}>{t("key.copy")}</Button>;
}
