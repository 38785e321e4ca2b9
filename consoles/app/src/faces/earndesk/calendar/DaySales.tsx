// One day of the month: what is sold on it, and the stop of a sale.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Facts, Amount } from "@/kit/values";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";
import type { CalendarDay } from "../reads";
import { canStop, type Day } from "./model";
import { SalesTable } from "./SalesTable";

/** Whoever chose a day lands in it. */
export function DaySales({ day }: { day: Day }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const { may } = useSession();
  const [stopping, setStopping] = useState<CalendarDay | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { box.current?.focus(); }, []);
  const deed = (sale: CalendarDay): ReactNode => (canStop(sale) && may("earn:write")
    ? <Button kind="danger" aria-label={t("stop.of", { name: sale.name, day: sale.sale_date })} onPress={() => { setStopping(sale); }}>{t("stop.verb")}</Button>
    : <span className="dim">–</span>);
  return (
    <div ref={box} tabIndex={-1} className="earndesk-step">
      <Panel title={t("day.title", { day: day.date })}>
        <div className="stack">
          {day.sales.length > 0 && <SalesTable name={t("day.title", { day: day.date })} rows={day.sales} deed={deed} />}
          {day.missing.length > 0 && <p>{t("day.missing")} {day.missing.map(({ name }) => name).join(", ")}</p>}
          {day.holidays.length > 0 && <p>{t("day.holidays")} {day.holidays.map(({ name }) => name).join(", ")}</p>}
          {day.sales.length + day.missing.length + day.holidays.length === 0 && <p className="dim">{t("day.nothing")}</p>}
        </div>
      </Panel>
      {stopping !== null && <Stop sale={stopping} onClose={() => { setStopping(null); }} />}
    </div>
  );
}

function Stop({ sale, onClose }: { sale: CalendarDay; onClose: () => void }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const client = useQueryClient();
  const { tell } = useToasts();
  const act = async (): Promise<void> => {
    await once("stop a day of sale", sale.id, (header) => ask(api.POST("/v1/earn/instances/{id}/stop", { params: { path: { id: sale.id }, header } })));
    await client.invalidateQueries({ queryKey: ["earn"] });
    tell(t("stop.done", { name: sale.name, day: sale.sale_date }), "good");
  };
  return (
    <Confirm title={t("stop.title")} isOpen onClose={onClose} act={act} verb={t("stop.verb")} danger>
      <p>{t("stop.means")}</p>
      <Facts rows={[
        [t("col.product"), sale.name], [t("col.day"), sale.sale_date],
        [t("col.sold"), <Amount key="sold" value={sale.sold} asset={sale.asset} />], [t("stop.kept"), <Amount key="left" value={sale.quota_left} asset={sale.asset} />],
      ]} />
    </Confirm>
  );
}
