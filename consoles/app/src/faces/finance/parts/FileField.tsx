import { useId, useState, type ReactNode } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";

interface Props {
  label: string;
  accept: readonly string[];
  onChange: (file: File | null) => void;
}

/** Chooses one file, in the reader's language: the browser's own control speaks the browser's. */
export function FileField({ label, accept, onChange }: Props): ReactNode {
  const { t } = useTranslation("finance");
  const id = useId();
  const [name, setName] = useState<string | null>(null);
  const choose = (files: FileList | null): void => {
    const file = files?.[0] ?? null;
    setName(file?.name ?? null);
    onChange(file);
  };
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span className="label" id={id}>{label}</span>
      <div className="row">
        <FileTrigger acceptedFileTypes={accept} onSelect={choose}>
          <Button>{t("file.choose")}</Button>
        </FileTrigger>
        <span className={name === null ? "dim" : "finance-path"}>{name ?? t("file.none")}</span>
      </div>
    </div>
  );
}
