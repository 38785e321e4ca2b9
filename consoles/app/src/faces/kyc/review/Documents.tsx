import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { When } from "@/kit/values";

type Document = Schemas["DocumentOut"];

/** Each look is by a link of its own, which opens once; that one looked is written down. */
export function Documents({ documents }: { documents: readonly Document[] }): ReactNode {
  const { t } = useTranslation("kyc");
  const { refused } = useToasts();
  const [shown, setShown] = useState<{ url: string; kind: Document["kind"] } | null>(null);
  const look = async (one: Document): Promise<void> => {
    try {
      const { url } = await ask(api.POST("/v1/kyc/documents/{id}/links", { params: { path: { id: one.id } } }));
      if (one.media_type === "image/jpeg") setShown({ url, kind: one.kind });
      else window.location.assign(url); // a PDF is saved, not opened here
    } catch (error) {
      refused(error);
    }
  };
  const columns: Column<Document>[] = [
    { key: "kind", title: t("document.kind"), cell: (d) => t(`document.${d.kind}`) },
    { key: "pages", title: t("document.pages"), end: true, cell: (d) => d.pages },
    { key: "at", title: t("document.sent_at"), cell: (d) => <When at={d.created_at} /> },
    { key: "look", title: t("document.look_title"), cell: (d) => <Button onPress={() => void look(d)}>{t(d.media_type === "image/jpeg" ? "document.look" : "document.save")}</Button> },
  ];
  return (
    <>
      <Table name={t("document.list")} rows={documents} rowKey={(d) => d.id} columns={columns} />
      <Dialog title={shown === null ? "" : t(`document.${shown.kind}`)} isOpen={shown !== null} onClose={() => { setShown(null); }} wide>
        {shown !== null && <img className="kyc-picture" src={shown.url} alt={t(`document.${shown.kind}`)} />}
        <div><Button onPress={() => { setShown(null); }}>{t("common:action.close")}</Button></div>
      </Dialog>
    </>
  );
}
