import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Facts } from "@/kit/values";
import { Copy } from "./Copy";

interface Props {
  title: string;
  means: string;
  /** What is shown, each with its name; `secret` is the one that is never shown again. */
  rows: readonly { name: string; text: string; secret?: boolean }[];
  onDone: () => void;
}

/** The only time a secret can be read; it stays until one says that it is kept. */
export function SecretOnce({ title, means, rows, onDone }: Props): ReactNode {
  const { t } = useTranslation("programs");
  const place = useRef<HTMLElement>(null);
  useEffect(() => { place.current?.focus(); }, []);
  return (
    <section className="notice warn" ref={place} tabIndex={-1} aria-label={title}>
      <h2>{title}</h2>
      <p>{means}</p>
      <Facts rows={rows.map(({ name, text, secret = false }) => [
        name,
        <span key={name} className="row">
          <code className="retail-secret" {...(secret ? { "data-testid": "secret" } : {})}>{text}</code><Copy text={text} what={name} />
        </span>,
      ])} />
      <Button kind="primary" onPress={onDone}>{t("key.kept")}</Button>
    </section>
  );
}
