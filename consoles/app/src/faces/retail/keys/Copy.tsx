import type { ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { useToasts } from "@/kit/toasts";

export function Copy({ text, what }: { text: string; what: string }): ReactNode {
  const { t } = useWords();
  const { tell } = useToasts();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      tell(t("retail_more:key.copied", { what }), "good");
    } catch {
      tell(t("retail_more:key.not_copied"), "bad"); // the browser keeps the clipboard to itself where the page is not secure
    }
  };
  return <Button onPress={() => void copy()} aria-label={t("retail_more:key.copy_what", { what })}>{t("retail_more:key.copy")}</Button>;
}
