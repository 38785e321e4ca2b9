import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";

type Kind = Schemas["DocumentKind"];

const KINDS: readonly Kind[] = ["passport", "identity_card", "driving_licence", "proof_of_address", "selfie", "other"];
const TYPES = ["image/jpeg", "image/png", "image/webp", "application/pdf"];

/** One document at a time: its kind, then the file, which is sent as it is. */
export function Upload({ caseId }: { caseId: string }): ReactNode {
  const { t } = useTranslation("kyc");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [kind, setKind] = useState<Kind>("passport");
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (): Promise<void> => {
    if (file === null) return;
    setBusy(true);
    setError(null);
    const form = new FormData();
    form.append("kind", kind);
    form.append("file", file);
    try {
      await once("kyc-document", { caseId, kind, name: file.name, size: file.size, at: file.lastModified }, (header) => ask(api.POST("/v1/kyc/cases/{id}/documents", {
        body: { kind, file: "" }, params: { path: { id: caseId }, header }, bodySerializer: () => form,
      })));
      tell(t("document.added"), "good");
      setFile(null);
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["kyc"] });
  };
  return (
    <div className="stack">
      <div className="kyc-form">
        <Select label={t("document.kind")} value={kind} onChange={(id) => { setKind(id as Kind); }} choices={KINDS.map((id) => ({ id, text: t(`document.${id}`) }))} />
        <div className="row">
          <FileTrigger acceptedFileTypes={TYPES} onSelect={(files) => { setFile(files?.[0] ?? null); }}><Button>{t("document.choose")}</Button></FileTrigger>
          <span className={file === null ? "dim" : "kyc-file"}>{file?.name ?? t("document.none")}</span>
        </div>
        <Button kind="primary" busy={busy} isDisabled={file === null} onPress={() => void send()}>{t("document.send")}</Button>
      </div>
      <p className="dim">{t("document.means")}</p>
      {error !== null && <Failed error={error} />}
    </div>
  );
}
