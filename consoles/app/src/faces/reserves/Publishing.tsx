import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When, type Tone } from "@/kit/values";
import { askForSnapshot, useSnapshots, type Snapshot } from "./reads";

const TONES: Record<Snapshot["state"], Tone> = { asked: "info", taken: "info", published: "good", refused: "bad", forgotten: "plain" };

/** For staff: one more snapshot, how far each is, and why one was refused. */
export function Publishing(): ReactNode {
  const { t } = useTranslation("reserves");
  const client = useQueryClient();
  const { tell, refused } = useToasts();
  const query = useSnapshots();
  const ask = useMutation({
    mutationFn: () => once("reserves", null, askForSnapshot),
    onSuccess: () => { tell(t("staff.asked"), "good"); },
    onError: refused,
    onSettled: () => client.invalidateQueries({ queryKey: ["reserves-snapshots"] }),
  });
  return (
    <Panel title={t("staff.title")} actions={<Button busy={ask.isPending} onPress={() => { ask.mutate(); }}>{t("staff.ask")}</Button>}>
      <Loaded query={query} empty={<Empty title={t("staff.none")} />}>
        {(rows) => (
          <Table name={t("staff.title")} rows={rows} rowKey={(row) => row.id} columns={[
            { key: "asked", title: t("staff.at"), cell: (row) => <When at={row.asked_at} /> },
            { key: "state", title: t("staff.state"), cell: (row) => <Pill tone={TONES[row.state]}>{t(`state.${row.state}`)}</Pill> },
            { key: "reason", title: t("staff.reason"), wrap: true, cell: (row) => (row.reason === null ? "–" : t(`reason.${row.reason}`)) },
            { key: "published", title: t("staff.published"), cell: (row) => <When at={row.published_at} /> },
          ]} />
        )}
      </Loaded>
    </Panel>
  );
}
