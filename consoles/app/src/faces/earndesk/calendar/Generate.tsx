import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";

/** The days of the month that are missing. Again it changes nothing, so nobody is asked twice. */
export function Generate({ month }: { month: string }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const { may } = useSession();
  const client = useQueryClient();
  const { tell, refused } = useToasts();
  const make = useMutation({
    mutationFn: () => ask(api.POST("/v1/earn/instances:generate", { body: { month } })),
    onSuccess: (done) => { tell(t("generate.done", { ...done }), "good"); },
    onError: refused,
    onSettled: () => client.invalidateQueries({ queryKey: ["earn"] }),
  });
  if (!may("earn:write")) return null;
  return <Button busy={make.isPending} onPress={() => { make.mutate(); }}>{t("generate.verb")}</Button>;
}
