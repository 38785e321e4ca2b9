import { useEffect, useRef, type ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Facts } from "@/kit/values";
import { Copy } from "./Copy";
import type { NewKey } from "./KeyForm";

/** The only time the secret can be read; it stays until one says that it is kept. */
export function SecretOnce({ made, onDone }: { made: NewKey; onDone: () => void }): ReactNode {
  const { t } = useWords();
  const place = useRef<HTMLElement>(null);
  useEffect(() => { place.current?.focus(); }, [made.id]);
  const secret = made.secret;
  return (
    <section className="notice warn" ref={place} tabIndex={-1} aria-label={t("retail_more:key.made", { name: made.name })}>
      <h2>{t("retail_more:key.made", { name: made.name })}</h2>
      <p>{secret === null ? t("retail_more:key.no_secret") : t("retail_more:key.warning")}</p>
      <Facts rows={[
        [t("retail_more:key.key"), <span key="key" className="row"><code className="retail-secret">{made.key}</code><Copy text={made.key} what={t("retail_more:key.key")} /></span>],
        ...(secret === null ? [] : [[
          t("retail_more:key.secret"),
          <span key="secret" className="row"><code className="retail-secret" data-testid="secret">{secret}</code><Copy text={secret} what={t("retail_more:key.secret")} /></span>,
        ] as const]),
      ]} />
      <Button kind="primary" onPress={onDone}>{t("retail_more:key.kept")}</Button>
    </section>
  );
}
