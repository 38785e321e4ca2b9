import { useId, type ReactNode } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { useToasts } from "@/kit/toasts";

const LONGEST = 1024;

/** A public key, pasted or read from its file; over several lines, as PEM has them. */
export function PublicKeyField({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  const { t } = useTranslation("programs");
  const { tell } = useToasts();
  const id = useId();
  const choose = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file === undefined) return;
    if (file.size > LONGEST) tell(t("key.pem_large"), "bad");
    else onChange((await file.text()).trim());
  };
  return (
    <div className="field">
      <label htmlFor={id}>{t("key.public")}</label>
      <textarea id={id} className="programs-pem" value={value} maxLength={LONGEST} autoComplete="off" spellCheck={false} onChange={(event) => { onChange(event.target.value); }} />
      <div><FileTrigger acceptedFileTypes={[".pem", ".pub", ".txt"]} onSelect={(files) => void choose(files)}><Button>{t("key.pem")}</Button></FileTrigger></div>
      <p className="dim">{t("key.public_means")}</p>
    </div>
  );
}
